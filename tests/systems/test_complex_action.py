"""Complex actions as a system: what the file of an ensemble holds, and what is said of a run not to be trusted."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.judging.measure import measure
from emulant.plane.moments import even_moments
from emulant.storage.ensemble import open_ensemble
from emulant.systems import measured_observables
from emulant.systems.complex_action.system import from_settings
from tests.references import sample_reference

SETTINGS = {"kind": "complex_action", "a": 1.0, "b": 1.0, "lambda": 1.0}


def sampled(folder, **changes):
    system = from_settings(SETTINGS | changes)
    file = folder / "reference.h5"
    record = sample_reference(
        system,
        file,
        settings={"sampler": "complex_langevin", "samples": 100_000},
        seed=5,
        checkpoint=folder / "unused",
    )
    return system, file, record


def test_a_run_agrees_with_what_is_exact(tmp_path):
    """Every observable that is known, from the averages of the file: the largest of 16 pulls is below 4.5.

    False alarm: 1e-4.
    """
    system, file, record = sampled(tmp_path)
    assert record["trusted"] and record["runaways"] == 0
    exact = {(row["observable"], row["index"]): row["value"] for row in system.exact_values()}
    with open_ensemble(file, site_shape=(2,)) as ensemble:
        assert len(ensemble) == 100_000 and "caveat" not in ensemble.attributes
        rows = measure(ensemble, system, measured_observables(None, system.kind), lambda *_: None).rows
        moments = even_moments(ensemble.averages.mean(axis=0))
    measured = rows.set_index(["observable", "index"])
    assert set(exact) <= set(measured.index)
    pulls = [
        (measured.loc[key, "value"] - value) / measured.loc[key, "error"] for key, value in exact.items()
    ]
    assert np.abs(pulls).max() < 4.5
    assert measured.loc[("mu_real", 2), "value"] == pytest.approx(moments[0].real, rel=1e-12)


def test_a_run_that_is_not_to_be_trusted_says_so_in_its_file(tmp_path):
    """σ₀ = 1 + 3i lies outside B² <= 3A²."""
    _, file, record = sampled(tmp_path, b=3.0)
    assert not record["trusted"]
    with open_ensemble(file) as ensemble:
        assert "not to be trusted" in ensemble.attributes["caveat"]


def test_the_gaussian_action_has_more_exact_values(tmp_path):
    """<x²>, <xy>, <y²> are exact for λ = 0 alone."""
    names = {row["observable"] for row in from_settings(SETTINGS | {"lambda": 0.0}).exact_values()}
    assert {"x_squared", "xy", "y_squared"} <= names
    assert "xy" not in {row["observable"] for row in from_settings(SETTINGS).exact_values()}


def test_impossible_actions_are_named():
    with pytest.raises(InputError, match="a: expected a positive number"):
        from_settings(SETTINGS | {"a": -1.0})
