"""Observables of two systems do not see each other, whatever their names."""

import pytest

import emulant.systems
from emulant.contracts import declaration
from emulant.plots.symbols import symbol_text
from emulant.systems import observables_of

SCHEMA = """
title: spins
form: fields
observables: []
system: {properties: {kind: {}}}
samplers: {exact: {}}
"""
OBSERVABLE = """
from emulant.contracts.observable import Observable
observable = Observable(name="abs_magnetisation", symbol=r"%s", description="mean of |s|", judged=%s, correlated=%s,
    primaries=lambda view: abs(view), value=lambda means, shape: means)
"""


@pytest.fixture
def two_systems(tmp_path, monkeypatch):
    """Folders of two systems with an observable of the same name."""
    for kind, latex, judged in (("fake_spins", "|s|", False), ("fake_clock", "|c|", True)):
        (tmp_path / kind / "observables").mkdir(parents=True)
        (tmp_path / kind / "schema.yaml").write_text(SCHEMA)
        text = OBSERVABLE % (latex, judged, not judged)
        (tmp_path / kind / "observables/abs_magnetisation.py").write_text(text)
    monkeypatch.setattr(emulant.systems, "__path__", [*emulant.systems.__path__, str(tmp_path)])
    for module in (emulant.systems, declaration):
        monkeypatch.setattr(module, "SYSTEMS", tmp_path)


def test_each_system_has_its_own_symbol_and_flags(two_systems):
    spins, clock = (observables_of(kind) for kind in ("fake_spins", "fake_clock"))
    assert set(spins) == set(clock) == {"abs_magnetisation"}
    assert symbol_text("abs_magnetisation", None, spins) == "$|s|$"
    assert symbol_text("abs_magnetisation", None, clock) == "$|c|$"
    assert [observables["abs_magnetisation"].judged for observables in (spins, clock)] == [False, True]
    assert [observables["abs_magnetisation"].correlated for observables in (spins, clock)] == [True, False]
