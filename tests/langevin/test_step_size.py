"""The error of the step is found, and extrapolated away."""

import numpy as np
import pytest

from emulant.langevin.actions import Quartic
from emulant.langevin.sampler import complex_langevin
from emulant.langevin.step_size import extrapolated, step_bias


def test_the_bias_of_the_step_is_found_and_removed():
    """Steps 0.2 and 0.1 of the Gaussian process, whose <z²> is exact: right to a quarter, and a fifth of it left."""
    action = Quartic(1.0, 1.0)
    fine, coarse = (
        complex_langevin(action, time=100.0, step=h, record=0.4, bound=np.inf, seed=2, threads=2).averages
        for h in (0.1, 0.2)
    )
    estimate, bias = step_bias(fine, coarse, 2), fine[:, 2:4].mean(0) - [0.5, -0.5]
    assert (
        estimate["mu_2"] == pytest.approx(np.hypot(*bias), rel=0.25)
        and estimate["mu_2"] > 5 * estimate["mu_2_error"]
    )
    left = extrapolated(fine, coarse, 2)[:, 2:4].mean(0) - [0.5, -0.5]
    assert np.hypot(*left) < 0.2 * np.hypot(*bias) + 4 * estimate["mu_2_error"] * 3
