"""Crooks' relation by logistic regression, on Gaussian work: p_F = N(m, v), p_B = N(m - v, v)."""

import numpy as np
import pytest

from emulant.statistics.crooks import crooks_line


@pytest.mark.parametrize("variance", [0.2, 2.0])
def test_gaussian_work(variance):
    """Over 40 samples the pulls of slope 1 and offset -(m - v/2) have mean 0 and variance 1 within 4 errors."""
    pulls = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        forward = 5 + np.sqrt(variance) * rng.standard_normal(1000)
        backward = 5 - variance + np.sqrt(variance) * rng.standard_normal(500)
        line = crooks_line(forward, backward)
        offset = -(5 - variance / 2)
        pulls.append(
            [
                (line.crooks_slope - 1) / line.crooks_slope_error,
                (line.crooks_offset - offset) / line.crooks_offset_error,
            ]
        )
    assert np.abs(np.mean(pulls, axis=0)).max() < 4 / np.sqrt(40)
    assert np.abs(np.var(pulls, axis=0) - 1).max() < 4 * np.sqrt(2 / 40)


def test_work_of_another_temperature_has_another_slope():
    rng = np.random.default_rng(1)
    forward, backward = 5 + rng.standard_normal(4000), 4.5 + rng.standard_normal(4000)
    line = crooks_line(forward, backward)
    assert abs(line.crooks_slope - 0.5) < 4 * line.crooks_slope_error < 0.2


def test_work_far_apart_still_has_its_line():
    """A variance of 20, 4 errors; a Newton step from slope 1 would not return."""
    rng = np.random.default_rng(1)
    forward, backward = (centre + np.sqrt(20) * rng.standard_normal(4000) for centre in (7.0, 7.0 - 20.0))
    line = crooks_line(forward, backward)
    assert abs(line.crooks_slope - 1) < 4 * line.crooks_slope_error < 0.7


def test_laws_that_do_not_touch_have_no_line():
    assert np.isnan(crooks_line(np.array([4.0, 5.0]), np.array([1.0, 2.0]))).all()
