"""Contracts of a system, tried on the ensemble that its sampler has just written."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.forms.independent import sample_exact
from emulant.judging.experiment import exact_values_of
from emulant.stages import contracts, study
from emulant.stages.contracts import check_contracts, check_parts
from emulant.stages.reference import write_reference
from emulant.systems import samplers_of, system_from
from emulant.systems.two_peak.system import TwoPeak

BLOCK = {"kind": "two_peak", "mean": 1.0, "width": 0.25}


@pytest.fixture
def reference(tmp_path):
    """A function that writes the reference of BLOCK; returns its file."""

    def reference():
        files = [tmp_path / name for name in ("reference.h5", "reference.json", "cost.json")]
        block = {"sampler": "exact", "samples": 500}
        checkpoint = tmp_path / "none"
        common = {"seed": 1, "checkpoint": checkpoint, "threads": 1}
        write_reference(*files, role="reference", system=BLOCK, reference=block, **common)
        return files[0]

    return reference


def test_a_misspelt_exact_value_stops_the_reference(reference, monkeypatch):
    """No training starts on an ensemble whose exact check would have been dropped without a word."""
    rows = [{"observable": "field_sqared", "index": 0, "value": 1.0, "error": 0.0}]
    monkeypatch.setattr(TwoPeak, "exact_values", lambda self: rows)
    with pytest.raises(InputError, match=r"two_peak: exact_values: .*did you mean field_squared\?") as caught:
        reference()
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"did you mean field_squared\?"):
        exact_values_of(system_from(BLOCK), [])


def test_an_action_of_another_shape_stops_the_reference(reference, monkeypatch, tmp_path):
    monkeypatch.setattr(TwoPeak, "action", lambda self, fields: fields)
    with pytest.raises(InputError, match="system two_peak: "):
        reference()
    assert not (tmp_path / "reference.h5").exists()


def test_spins_keep_their_type(tmp_path):
    """An action of whole numbers is tried on whole numbers, one of fields in double precision."""
    types = []

    class Watched(TwoPeak):
        def action(self, fields):
            types.append(np.asarray(fields).dtype)
            return super().action(fields)

    watched = Watched(1.0, 0.25)
    sample_exact(watched, tmp_path / "a.h5", settings={"samples": 64}, seed=1)
    check_contracts(tmp_path / "a.h5", watched)
    assert {*types} == {np.dtype("float64")}
    assert contracts._double(np.ones(3, np.int8)).dtype == np.int8
    assert contracts._double(np.ones(3, np.complex64)).dtype == np.complex128


def test_a_sampler_that_is_declared_and_missing(reference, monkeypatch):
    monkeypatch.delitem(samplers_of("two_peak"), "exact")
    with pytest.raises(
        InputError, match=r"two_peak/reference.py: samplers.exact: expected a sampler that schema"
    ):
        reference()


def test_a_study_that_is_declared_and_missing(monkeypatch):
    monkeypatch.setattr(contracts, "part_of", lambda kind, part: {"levels": None})
    with pytest.raises(InputError, match=r"studies.py: studies.effective_action: .* got only levels"):
        check_parts("quartic_well")


def test_a_study_without_a_table_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "part_of", lambda kind, part: {"levels": lambda system, inputs: {"levels": 3}})
    files, common = (tmp_path / "levels.csv", tmp_path / "levels.json"), {"settings": {}, "seed": 1}
    with pytest.raises(InputError, match=r"study levels: result: expected a StudyTable .*, got dict"):
        study.write_study(
            *files,
            study="levels",
            system=BLOCK,
            reference=None,
            models={},
            ensembles={},
            corrections={},
            **common,
        )
    assert not files[0].exists()
