"""Importance weights of a Gaussian by another, for which everything is known."""

import math

import numpy as np
import pytest

from emulant.statistics.regression import slope_of
from emulant.statistics.weights import (
    effective_fraction,
    forward_fraction,
    largest_share,
    minus_log_mean,
    second_order,
    unweighted,
)
from emulant.transport.independence import independence_metropolis

VARIANCE = 1.5
"""Of the proposal; the target is exp(-x²/2), whose integral is √(2π)."""


def log_weights(count, seed=1):
    x = math.sqrt(VARIANCE) * np.random.default_rng(seed).standard_normal(count)
    return -(x**2) / 2 + x**2 / (2 * VARIANCE) + 0.5 * math.log(2 * math.pi * VARIANCE)


def test_minus_log_z_of_a_gaussian():
    """40 samples of 2000: the pulls of -ln Z have mean 0 and variance 1 within 4 errors."""
    pulls = []
    for seed in range(40):
        value, error = minus_log_mean(log_weights(2000, seed))
        pulls.append((value + 0.5 * math.log(2 * math.pi)) / error)
    assert abs(np.mean(pulls)) < 4 / math.sqrt(40)
    assert abs(np.var(pulls) - 1) < 4 * math.sqrt(2 / 40)


def test_the_effective_size_of_a_gaussian():
    """<w>²/<w²> = √(2v - 1)/v for the target N(0, 1) and the proposal N(0, v)."""
    value, error = effective_fraction(log_weights(100_000))
    assert abs(value - math.sqrt(2 * VARIANCE - 1) / VARIANCE) < 4 * error < 0.02


def test_weights_of_any_size_neither_overflow_nor_underflow():
    value, error = minus_log_mean(log_weights(1000) - 5000.0)
    shifted, same = minus_log_mean(log_weights(1000))
    assert value == pytest.approx(shifted + 5000.0) and error == pytest.approx(same)
    assert np.isfinite(minus_log_mean(np.array([0.0, -800.0, -900.0]))).all()
    assert math.isnan(minus_log_mean(np.array([0.5]))[1])


def test_a_slope_and_its_error():
    generator = np.random.default_rng(1)
    x = generator.standard_normal(1000)
    slope, error = slope_of(x, 2 * x + 0.1 * generator.standard_normal(1000))
    assert abs(slope - 2) < 4 * error and error == pytest.approx(0.1 / math.sqrt(1000), rel=0.1)
    assert math.isnan(slope_of(np.ones(3), np.arange(3.0))[0])


def test_samples_that_count_alike_are_of_the_target():
    """N(0, 2) by the weights of N(0, 1) has variance 1 within 4 errors; it keeps <w> / max w of them, the effective number
    at most."""
    x = math.sqrt(2) * np.random.default_rng(1).standard_normal(20_000)
    log_weight = -(x**2) / 4
    chosen = unweighted(log_weight - 700)
    assert chosen.tolist() == unweighted(log_weight).tolist() == sorted(set(chosen))
    assert abs(np.var(x[chosen]) - 1) < 4 * math.sqrt(2 / len(chosen))
    assert len(chosen) == pytest.approx(20_000 * math.sqrt(0.5), rel=0.03)
    assert len(chosen) < 20_000 * effective_fraction(log_weight)[0]


def test_forward_and_reverse_fractions_agree():
    """Samples of the target N(0, 1) say of N(0, v) what samples of N(0, v) say: √(2v - 1)/v."""
    x = np.random.default_rng(2).standard_normal(100_000)
    value, error = forward_fraction(-(x**2) / 2 + x**2 / (2 * VARIANCE))
    assert abs(value - math.sqrt(2 * VARIANCE - 1) / VARIANCE) < 4 * error < 0.02


def test_a_lost_phase_shows_in_the_forward_fraction_alone():
    """Two Gaussians at +-3, of which q has one: every weight is 1/2 in reverse; forward, half the fields have no q."""
    x = np.random.default_rng(3).choice([-3.0, 3.0], 1000) + np.random.default_rng(4).standard_normal(1000)
    both = np.logaddexp(-((x - 3) ** 2) / 2, -((x + 3) ** 2) / 2) - math.log(2)
    log_weight = both + (x - 3) ** 2 / 2
    upper = log_weight[x > 0]
    assert effective_fraction(upper)[0] > 0.99 and forward_fraction(log_weight)[0] < 0.01


@pytest.mark.parametrize("deviation", [0.1, 1.0])
def test_the_second_order_of_gaussian_work(deviation):
    """Ln w ~ N(-2, d²): ln <w> = -2 + d²/2; pulls of 40 samples have mean 0 and variance 1 within 4 errors."""
    pulls = []
    for seed in range(40):
        log_weight = -2 + deviation * np.random.default_rng(seed).standard_normal(1000)
        value, error = second_order(log_weight)
        pulls.append((value - 2 + deviation**2 / 2) / error)
    assert abs(np.mean(pulls)) < 4 / math.sqrt(40) and abs(np.var(pulls) - 1) < 4 * math.sqrt(2 / 40)


def test_the_acceptance_of_gaussian_work():
    """Independence Metropolis with ln w ~ N(0, v) accepts erfc(√v/2) (both weights are drawn from their laws): 4 errors."""
    deviation = 0.8
    log_weight = deviation * np.random.default_rng(5).standard_normal(50_000)
    chain = independence_metropolis(log_weight, np.random.default_rng(6))
    # The chain's own acceptance is <1 - |..|>, correlated over some proposals: a binomial error times 2.
    error = 2 * math.sqrt(0.25 / 50_000)
    assert abs(chain.acceptance - math.erfc(deviation / 2)) < 4 * error


def test_the_heaviest_share():
    assert largest_share(np.zeros(50)) == pytest.approx(0.02)
    assert largest_share(np.array([0.0, 700.0, 0.0])) == pytest.approx(1.0)
