"""The XY model as a system: a reference by the driver, and users' files of angles."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.ensemble import open_ensemble
from emulant.systems.xy.system import XY
from tests.imports import import_array
from tests.references import sample_reference

SYSTEM = XY(0.8, (6, 6))
BLOCK = {"kind": "xy", "beta": 0.8, "shape": [6, 6]}


@pytest.fixture(scope="module")
def angles(tmp_path_factory):
    """Two configurations of each of 400 chains, chain after chain of the first and then of the second."""
    path = tmp_path_factory.mktemp("xy") / "r.h5"
    record = sample_reference(
        SYSTEM, path, settings={"sampler": "wolff", "samples": 800, "chains": 400}, seed=3
    )
    assert record["equilibrated"] and record["clusters"] == 4
    with open_ensemble(path) as ensemble:
        return ensemble.read()


def imported(angles, folder, block=BLOCK):
    import_array(angles, folder, block)
    with open_ensemble(folder / "reference.h5") as ensemble:
        return ensemble.read(), list(ensemble.attributes.get("remarks", []))


def test_angles_of_a_file(angles, tmp_path):
    taken, remarks = imported(angles, tmp_path)
    np.testing.assert_array_equal(taken, angles[400:])
    assert taken.dtype == np.float64 and not remarks
    taken, remarks = imported(angles % (2 * np.pi), tmp_path)
    np.testing.assert_allclose(taken, angles[400:], atol=1e-13)
    assert remarks == ["angles outside of [-pi, pi) were wrapped"]


@pytest.mark.parametrize(
    ("unit", "words"), [(180 / np.pi, "degrees"), (1 / np.pi, "units of pi"), (1 / (2 * np.pi), "turns")]
)
def test_other_units_are_named(angles, tmp_path, unit, words):
    with pytest.raises(InputError) as caught:
        imported(angles * unit, tmp_path)
    message = str(caught.value)
    assert (
        f"mine.npy: configurations: expected angles in radians, got {words}" in message
        and "\n" not in message
    )


def test_another_temperature_is_refused(angles, tmp_path):
    with pytest.raises(InputError, match=r"<\(dS/dtheta\)\^2> = <d\^2S/dtheta\^2>"):
        imported(angles, tmp_path, BLOCK | {"beta": 0.95})
