"""Noise as a function of what is predicted: none where it is the same everywhere, honest where it grows, and posteriors."""

import numpy as np
import pytest

from emulant.inference.emulation.noise import fitted_slopes
from emulant.inference.emulation.observables import fit_emulator, log_likelihood
from emulant.inference.emulation.residuals import Unseen

EDGE = 3**0.5
RESPONSE = np.array([1.0, -0.7, 0.5])
GROWTH = 0.6
"""Of the logarithm of the noise with a deviation of the first observable: a factor of eight from end to end."""


def observables(points, rng):
    """Linear in one parameter; the noise of all grows with it, those of two share half of theirs."""
    noise = rng.standard_normal((len(points), 3))
    noise[:, 1] = (noise[:, 0] + noise[:, 1]) / 2**0.5
    return points * RESPONSE + 0.2 * np.exp(GROWTH * points) * noise


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(1)
    design = rng.uniform(-EDGE, EDGE, (120, 1))
    return fit_emulator(design, observables(design, rng), components=3)


def test_the_law_is_found(fitted):
    """Of each observable by its own prediction, whose sign the response has; 120 points know a slope to 0.06."""
    np.testing.assert_allclose(fitted.noise.slopes, GROWTH * np.sign(RESPONSE), atol=0.25)


def test_every_fifth_is_honest(fitted):
    """Root mean squares of z of 2000 points in fifths of the prediction; 0.3 to 1.7 with one deviation for all."""
    rng = np.random.default_rng(2)
    points = rng.uniform(-EDGE, EDGE, (2000, 1))
    mean, covariance = fitted.predict(points)
    z = (observables(points, rng) - mean) / np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    for part in np.array_split(np.argsort(points[:, 0]), 5):
        assert abs(np.sqrt(np.square(z[part]).mean()) - 1) < 0.25


def test_posteriors_cover_where_noise_is_small_and_where_it_is_large(fitted):
    """On a grid, 300 truths: 68 and 95 % of both halves within four binomial errors; one deviation for all covers 0.95 of
    the lower by 68 %. Means may be off by what 120 points do not know."""
    rng = np.random.default_rng(3)
    grid = np.linspace(-EDGE, EDGE, 121)[:, None]
    truth = rng.uniform(-EDGE, EDGE, (300, 1))
    data = observables(truth, rng)
    weights = np.array([log_likelihood(fitted, grid, observation) for observation in data])
    weights = np.exp(weights - weights.max(1, keepdims=True))
    cumulative = np.cumsum(weights, axis=1) - 0.5 * weights
    cumulative /= weights.sum(1, keepdims=True)
    u = np.array([np.interp(t, grid[:, 0], row) for t, row in zip(truth[:, 0], cumulative, strict=True)])
    for share in (0.6827, 0.9545):
        inside = np.abs(u - 0.5) < share / 2
        for half in (truth[:, 0] < 0, truth[:, 0] > 0):
            assert abs(inside[half].mean() - share) < 4 * np.sqrt(share * (1 - share) / half.sum())


def test_equal_noise_has_no_slopes():
    """Of 16 tables of 64 points and nine observables that share noise a sixth has slopes at all, and few above a tenth."""
    rng = np.random.default_rng(4)
    folds, zero = np.arange(64) % 8, np.zeros((64, 9))
    slopes = []
    for _ in range(16):
        means = rng.standard_normal((64, 9))
        noise = rng.standard_normal((64, 9)) + rng.standard_normal((64, 1))
        unseen = Unseen(means, noise, np.zeros((64, 9, 1)), zero, folds)
        slopes.append(fitted_slopes(unseen, np.zeros(9), np.ones(9)))
    slopes = np.array(slopes)
    assert (slopes != 0).any(1).mean() < 0.5 and np.sqrt(np.square(slopes).mean()) < 0.05
