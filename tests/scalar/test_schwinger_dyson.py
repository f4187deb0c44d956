"""Identities that tell an action from another, also from one with the same mean force."""

import pytest

from emulant.scalar.schwinger_dyson import schwinger_dyson
from emulant.stages.identities import identity_record
from emulant.storage.ensemble import open_ensemble
from emulant.systems.quartic_well.system import QuarticWell
from tests.references import sample_reference

WELL = QuarticWell(mu2=-1.0, g=0.4)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("well") / "reference.h5"
    sample_reference(WELL, path, settings={"sampler": "exact", "samples": 60_000}, seed=3)
    return path


def pulls(file, well):
    with open_ensemble(file) as ensemble:
        violations = schwinger_dyson(ensemble.read(), well)
    return [identity_record(values, None, 1)["pull"] for values in violations.values()]


def test_the_right_action_obeys_them(file):
    """Two pulls below 4. False alarm: 1e-4."""
    values = pulls(file, WELL)
    assert len(values) == 2 and max(map(abs, values)) < 4


def test_couplings_with_the_same_mean_force_are_told_apart(file):
    """g + 10 %, and mu2 such that mu2 <phi^2> + g/6 <phi^4> = 1 still holds."""
    moments, g = WELL.moments(), 1.1 * 0.4
    other = QuarticWell(mu2=(1 - g / 6 * moments[3]) / moments[1], g=g)
    first, second = pulls(file, other)
    assert abs(first) < 4 and abs(second) > 6
