"""The effective action recovers the exact one from the exact score, and shows how wrong a wrong score is."""

import numpy as np
import pytest

from emulant.scalar.effective_action import effective_action, largest_deviation
from emulant.systems.quartic_well.system import QuarticWell
from emulant.transport.paths import VarianceExploding

WELLS = [QuarticWell(1.0, 0.4), QuarticWell(-1.0, 0.4)]


@pytest.mark.parametrize("well", WELLS, ids=str)
@pytest.mark.parametrize("t", [0.01, 0.2, 0.5, 0.9])
def test_exact_score_gives_the_exact_action(well, t):
    path = VarianceExploding(25.0)
    kernel = {"signal": path.signal(t), "noise": path.noise(t)}
    columns = effective_action(well, lambda phi: well.score(phi, **kernel), **kernel)
    assert largest_deviation(columns) < 1e-6
    assert columns["learned"].min() == pytest.approx(columns["exact"].min())
    assert (columns["density"] > 1e-2).sum() > 100


def test_action_without_noise_is_the_action():
    well = WELLS[1]
    columns = effective_action(well, well.score, signal=1.0, noise=0.0)
    exact = well.potential(columns["phi"]) + well.log_partition_function
    np.testing.assert_allclose(columns["exact"], exact, rtol=1e-12)
    assert largest_deviation(columns) < 1e-6


def test_a_score_of_another_coupling_is_seen():
    """A coupling off by 20 % shifts the action by δg φ⁴ / 4!, beyond 0.02 in the dense region."""
    well, other = WELLS[0], QuarticWell(1.0, 1.2 * 0.4)
    kernel = {"signal": 1.0, "noise": 0.1}
    columns = effective_action(well, lambda phi: other.score(phi, **kernel), **kernel)
    assert largest_deviation(columns) > 0.02


def test_nowhere_dense_is_not_a_pass():
    columns = effective_action(WELLS[0], lambda phi: -phi / 1e4, signal=1.0, noise=100.0)
    assert np.isnan(largest_deviation(columns))
