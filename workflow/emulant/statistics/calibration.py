"""Whether posteriors are calibrated: ranks of the truth among draws, and what they must look like.

With D draws of the posterior of an observation, the rank of its true parameter among them is uniform (simulation-based
calibration, S. Talts et al., arXiv:1804.06788); so is the rank of its distance from any point that depends on the
observation alone (TARP, P. Lemos et al., arXiv:2302.03026). Ranks are randomised to numbers u that are uniform in (0, 1),
and z = Phi^-1(u) is normal.
"""

import numpy as np
from scipy import stats

from emulant.statistics.two_sample import TwoSample

__all__ = [
    "bias_test",
    "dispersion_test",
    "distance_ranks",
    "randomised_ranks",
    "regression_points",
    "uniformity_test",
]

# Mean and standard deviation of Kolmogorov's statistic times sqrt(N): sqrt(pi/2) ln 2 and that of its known second moment.
KOLMOGOROV_MEAN, KOLMOGOROV_DEVIATION = 0.8687, 0.2603
RIDGE = 1e-3
"""Penalty of the regression in units of the mean square of its inputs: it only has to exist."""
MANY_PAIRS = 1e9
"""Beyond so many F is chi^2 to all digits that matter."""
TRUTH_SHARE = 1e-9
"""Least distance of u from 0 and 1: z stays finite, and no p-value changes that decides anything."""


def randomised_ranks(truth: np.ndarray, draws: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Compute u = (rank of the truth among draws + uniform) / (D + 1).

    Arguments:
        truth: (N, ...).
        draws: (D, N, ...), independent of each other.
        generator: of the uniform numbers, which also break ties.

    Returns:
        (N, ...), uniform in (0, 1) where draws and truth have the same law.
    """
    below = (draws < truth).sum(0)
    level = (draws == truth).sum(0)
    u = (below + (level + 1) * generator.random(truth.shape)) / (len(draws) + 1)
    return np.clip(u, TRUTH_SHARE, 1 - TRUTH_SHARE)


def distance_ranks(
    truth: np.ndarray, draws: np.ndarray, points: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Rank the distance of the truth from a point of each observation among the distances of the draws, u (N,).

    Arguments:
        truth: (N, d).
        draws: (D, N, d).
        points: (N, d), any function of the observation and of other random numbers.
        generator: of the randomised ranks.
    """
    distances = (np.square(values - points).sum(-1) for values in (truth, draws))
    return randomised_ranks(*distances, generator)


def regression_points(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Predict each half of the outputs (N, d) from inputs (N, m), linearly, by what the other half says."""
    features = (inputs - inputs.mean(0)) / np.maximum(inputs.std(0), np.finfo(np.float32).tiny)
    features = np.column_stack([features, np.ones(len(features))])
    points, halves = np.empty_like(outputs), np.arange(len(inputs)) % 2
    for half in (0, 1):
        x, y = features[halves != half], outputs[halves != half]
        penalty = RIDGE * len(x) * np.eye(x.shape[1])
        points[halves == half] = features[halves == half] @ np.linalg.solve(x.T @ x + penalty, x.T @ y)
    return points


def bias_test(u: np.ndarray, pairs: float = np.inf) -> TwoSample:
    """Test the mean of z against 0: posteriors that lie to one side, beyond what `pairs` pairs told a training."""
    z, error = stats.norm.ppf(u), 1 / np.sqrt(_effective(u, pairs))
    return TwoSample(float(z.mean()), 0.0, float(error), float(2 * stats.norm.sf(abs(z.mean()) / error)))


def dispersion_test(u: np.ndarray, pairs: float = np.inf) -> TwoSample:
    """Test the mean of z^2 against 1 by F of observations and pairs: above it posteriors are too narrow, below too wide."""
    dispersion = np.square(stats.norm.ppf(u)).mean()
    law = stats.f(len(u), min(pairs, MANY_PAIRS))
    p = min(1.0, 2 * min(law.sf(dispersion), law.cdf(dispersion)))
    return TwoSample(float(dispersion), 1.0, float(np.sqrt(2 / _effective(u, pairs))), float(p))


def uniformity_test(u: np.ndarray, pairs: float = np.inf) -> TwoSample:
    """Test u against the uniform law by Kolmogorov and Smirnov's largest distance.

    Ranks of `pairs` pairs of a training would be as far from uniform: both together are those of fewer observations.
    """
    count = _effective(u, pairs)
    statistic = stats.kstest(u, "uniform").statistic
    return TwoSample(
        float(statistic),
        KOLMOGOROV_MEAN / np.sqrt(count),
        KOLMOGOROV_DEVIATION / np.sqrt(count),
        float(stats.kstwo.sf(statistic, max(round(count), 1))),
    )


def _effective(u: np.ndarray, pairs: float) -> float:
    """Observations whose inverse is that of the ranks and of the training pairs together."""
    return 1 / (1 / len(u) + 1 / pairs)
