"""Entropy production: a Gaussian work has v/2 in both directions and exp(-v) of its paths effective."""

import math

import numpy as np
import pytest

from emulant.statistics.entropy_production import reversibility


@pytest.mark.parametrize("variance", [0.05, 0.5])
def test_a_gaussian_work(variance):
    """Within 4 errors, which are themselves checked by 400 repetitions to 20 %."""
    generator = np.random.default_rng(1)
    tried = [reversibility(generator.normal(7.0, math.sqrt(variance), 1000)) for _ in range(400)]
    exact = {"forward": variance / 2, "backward": variance / 2, "ess": math.exp(-variance)}
    for name, value in exact.items():
        values = np.array([getattr(one, name) for one in tried])
        errors = np.array([getattr(one, f"{name}_error") for one in tried])
        # Their bias is of order 1/1000.
        assert abs(values.mean() - value) < 4 * values.std() / 20 + 3 * variance / 1000
        assert np.median(errors) == pytest.approx(values.std(), rel=0.2)


def test_constant_work_is_reversible():
    assert reversibility(np.full(10, 3.0))[::2] == pytest.approx((0, 0, 1))
