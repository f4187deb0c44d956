"""Tests of calibration: right posteriors pass at the stated rate, each kind of wrong one fails.

Posteriors are normal: truth z and draws mean + width z', so that all faults are known in units of the right width.
"""

import numpy as np
import pytest
from scipy import stats

from emulant.statistics.calibration import (
    bias_test,
    dispersion_test,
    distance_ranks,
    randomised_ranks,
    regression_points,
    uniformity_test,
)

OBSERVATIONS, DRAWS = 512, 64


def ranks(seed, shift=0.0, width=1.0, observations=OBSERVATIONS):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal((observations, 1))
    draws = shift + width * rng.standard_normal((DRAWS, observations, 1))
    return randomised_ranks(truth, draws, rng)[:, 0]


@pytest.mark.parametrize("test", [bias_test, dispersion_test, uniformity_test])
def test_p_values_of_right_posteriors_are_uniform(test):
    """Kolmogorov and Smirnov on 400 p-values; false alarm 1e-3."""
    p = [test(ranks(seed, observations=128)).p for seed in range(400)]
    assert stats.kstest(p, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        (dispersion_test, {"width": 0.8}),
        (dispersion_test, {"width": 1.3}),
        (bias_test, {"shift": 0.3}),
        (uniformity_test, {"shift": 0.3}),
        (uniformity_test, {"width": 0.5}),
    ],
)
def test_a_wrong_posterior_fails(test, fault):
    """Expected at 6 errors and more; 4 errors are asked for in each of ten sets of observations."""
    assert max(test(ranks(seed, **fault)).p for seed in range(10)) < 6e-5


def test_ties_are_broken_by_chance():
    """Truth and draws are 0 or 1: without it ranks would pile up; false alarm 1e-3."""
    rng = np.random.default_rng(1)
    truth, draws = rng.integers(2, size=(4000, 1)), rng.integers(2, size=(DRAWS, 4000, 1))
    u = randomised_ranks(truth, draws, rng)[:, 0]
    assert stats.kstest(u, "uniform").pvalue > 1e-3


class Pair:
    """Parameters (N, 2), an observation of each with as much noise, and draws of the posterior or of the prior."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.truth = rng.standard_normal((OBSERVATIONS, 2))
        self.inputs = self.truth + rng.standard_normal(self.truth.shape)
        noise = rng.standard_normal((2, DRAWS, *self.truth.shape))
        self.posterior, self.prior = self.inputs / 2 + np.sqrt(0.5) * noise[0], noise[1]
        self.points, self.rng = regression_points(self.inputs, self.truth), rng

    def p(self, draws, points):
        return uniformity_test(distance_ranks(self.truth, draws, points, self.rng)).p


def test_a_prior_that_ignores_the_observation_fails_where_points_know_it():
    """Its ranks of parameters, and of distances from points of chance, are right: only informed points tell."""
    for seed in range(5):
        pair = Pair(seed)
        assert pair.p(pair.prior, pair.points) < 1e-5
        assert pair.p(pair.posterior, pair.points) > 1e-4


def test_points_of_chance_do_not_tell_a_prior_from_a_posterior():
    pair = Pair(7)
    chance = pair.rng.permutation(pair.truth)
    assert min(pair.p(draws, chance) for draws in (pair.prior, pair.posterior)) > 1e-3


def test_regression_points_are_those_of_the_other_half():
    """The truth of a half does not change its own points."""
    pair = Pair(3)
    changed = pair.truth.copy()
    changed[::2] += 100.0
    points = regression_points(pair.inputs, changed)
    np.testing.assert_array_equal(points[::2], pair.points[::2])
    assert not np.allclose(points[1::2], pair.points[1::2])
    slope = np.polyfit(pair.inputs[:, 0], pair.points[:, 0], 1)[0]
    assert abs(slope - 0.5) < 4 * np.sqrt(0.5 / 2 / (OBSERVATIONS / 2))
