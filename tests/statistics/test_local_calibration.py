"""The local test of posteriors: uniform where they are right, and small just where they are not."""

import numpy as np

from emulant.statistics.local_calibration import local_p_values

OBSERVATIONS, DRAWS = 250, 16


def drawn(seed, factor=lambda y: np.ones_like(y), shift=lambda y: np.zeros_like(y)):
    """Theta and y = theta + noise are normal: p(theta | y) has mean y / 2 and variance 1/2; changed draws of it."""
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal((OBSERVATIONS, 1))
    inputs = truth + rng.standard_normal(truth.shape)
    noise = np.sqrt(0.5) * rng.standard_normal((DRAWS, *truth.shape))
    draws = inputs / 2 + noise * factor(inputs) + np.sqrt(0.5) * shift(inputs)
    return inputs / np.sqrt(2), truth, draws


def test_right_posteriors_have_uniform_p_values():
    """The p-value of all in 30 sets: below .05 in six or fewer, else a false alarm of 3e-4; the mean within four errors."""
    results = [local_p_values(*drawn(seed), seed) for seed in range(30)]
    together = np.array([p for _, p in results])
    assert (together < 0.05).sum() <= 6 and abs(together.mean() - 0.5) < 4 / np.sqrt(12 * 30)
    # Those of one set share a classifier: their mean scatters like that of the p-value of all.
    assert abs(np.mean([p.mean() for p, _ in results]) - 0.5) < 4 / np.sqrt(12 * 30)


def test_what_is_wrong_somewhere_is_seen_there():
    """A shift of one deviation where y > 0 alone: most of those observations are refused."""
    inputs, *rest = drawn(1, shift=lambda y: 1.0 * (y > 0))
    p, together = local_p_values(inputs, *rest, 1)
    right = inputs[:, 0] < -0.5
    assert together < 0.01 and (p[inputs[:, 0] > 0.5] < 0.05).mean() > 0.8
    assert (p[right] < 0.05).mean() < (p[~right] < 0.05).mean()


def test_widths_are_seen():
    """Posteriors 0.7 and 1.4 times as wide as they should be."""
    for width in (0.7, 1.4):
        assert local_p_values(*drawn(2, factor=lambda y, w=width: np.full_like(y, w)), 2)[1] < 0.01
