"""The complex scalar field as a system: its sampler under conditions, and users' files of integers."""

from pathlib import Path

import numpy as np
import pytest

from emulant.configuration.experiments import Overrides, load_experiment
from emulant.errors import InputError
from emulant.storage.ensemble import open_ensemble
from emulant.systems import system_from
from tests.imports import import_array
from tests.references import sample_reference

ROOT = Path(__file__).parents[2]
BLOCK = {"kind": "complex_scalar", "mass": 0.1, "lambda": 1.0, "shape": [3, 3], "mu": 1.0}


@pytest.fixture(scope="module")
def integers(tmp_path_factory):
    """One configuration of each of 512 chains."""
    path = tmp_path_factory.mktemp("dual") / "r.h5"
    settings = {"sampler": "loops", "samples": 512, "chains": 512}
    assert sample_reference(system_from(BLOCK), path, settings=settings, seed=3)["equilibrated"]
    with open_ensemble(path) as ensemble:
        return ensemble.read()


def test_integers_of_a_file(integers, tmp_path):
    import_array(integers.astype(np.int32), tmp_path, BLOCK)
    with open_ensemble(tmp_path / "reference.h5") as ensemble:
        np.testing.assert_array_equal(ensemble.read(), integers[256:])
        assert ensemble.dtype == np.int8


def broken(integers):
    changed = integers.copy()
    changed[300, 0, 1, 2] += 1
    return changed


def negative(integers):
    changed = integers.copy()
    changed[7, 3, 2, 0] = -2
    return changed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (broken, "got 1 more out than in at site (1, 2) of configuration"),
        (negative, "expected l >= 0 in the last d of 2d components, got -2 in direction 2 at site (2, 0)"),
        (lambda k: k.astype(float), "got float64 of shape (512, 4, 3, 3)"),
        (lambda k: np.roll(k, 2, 1), "mine.npy: configurations:"),
    ],
    ids=["broken", "negative", "floats", "l before k"],
)
def test_what_is_no_configuration_is_one_line(integers, tmp_path, change, words):
    with pytest.raises(InputError) as caught:
        import_array(change(integers), tmp_path, BLOCK)
    assert "\n" not in str(caught.value) and words in str(caught.value)


def test_another_mass_is_refused(integers, tmp_path):
    with pytest.raises(InputError, match=r"<l \(\|k\| \+ l\)> = <R R>"):
        import_array(integers, tmp_path, BLOCK | {"mass": 1.2})


def test_a_negative_chemical_potential_is_one_line():
    name, file = "worldlines_two_sites", ROOT / "config/config.yaml"
    changed = Overrides({name: {"system": {"mu": -0.5}}}, file)
    with pytest.raises(InputError) as caught:
        load_experiment(
            ROOT / "config", name, "smoke", ROOT / "workflow/schemas/experiment.schema.yaml", changed
        )
    message = str(caught.value)
    assert "\n" not in message and "system.mu" in message and "-0.5" in message


def test_chemical_potentials_in_turn(tmp_path):
    """Each row has its own, as its charge shows: 64 chains each, densities more than eight errors apart."""
    settings = {"sampler": "loops", "samples": 1024, "chains": 64, "conditions": {"mu": [0.4, 1.2]}}
    sample_reference(system_from(BLOCK), tmp_path / "r.h5", settings=settings, seed=1)
    with open_ensemble(tmp_path / "r.h5") as ensemble:
        mu, chain, rows = ensemble.facts["mu"][:], ensemble.chain, ensemble.read()
    density = system_from(BLOCK).view(rows).density
    low, high = (density[mu == value] for value in (0.4, 1.2))
    assert len(low) == len(high) == 512 and len(np.unique(chain)) == 128
    assert high.mean() - low.mean() > 8 * np.hypot(high.std(), low.std()) / np.sqrt(64)
