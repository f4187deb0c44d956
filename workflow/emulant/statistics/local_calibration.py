"""Whether the posterior of each single observation is right: a local classifier test.

A classifier is taught to tell the true parameters from draws of the posterior, all beside their observation. Where the
posterior is right it learns nothing, and what it says of further draws at one observation is close to chance (LC2ST,
J. Linhart et al., arXiv:2306.03580). Here the classifier is Fisher's linear discriminant of some features, so that all
classifiers of the null hypothesis are one solution of linear equations: under it the truth may change places with a draw.
"""

import numpy as np

__all__ = ["local_p_values"]

RIDGE = 1e-2
"""Penalty in units of the variance of each feature: the equations have a solution."""
TRIALS = 500
"""Choices of another truth: the smallest p-value is then 1 / 501."""


def local_p_values(
    inputs: np.ndarray, truth: np.ndarray, draws: np.ndarray, seed: int
) -> tuple[np.ndarray, float]:
    """Test the posterior of each observation, and all of them by the mean of the statistics.

    Arguments:
        inputs: numbers of the observations, standardised, (N, m).
        truth: parameters, standardised, (N, d).
        draws: of the posteriors, in the same units, (D, N, d); the first half teaches, the rest is scored.
        seed: of the choices.

    Returns:
        p-values (N,), each uniform where all posteriors are right, and not independent of each other; and that of all.
    """
    half, rows = len(draws) // 2, np.arange(len(truth))
    alike = np.stack([_features(inputs, one) for one in (truth, *draws[:half])])
    alike -= alike.mean(0)
    scale = np.sqrt(np.square(alike).mean((0, 1)))
    flat = (alike / scale).reshape(-1, len(scale))
    gram = flat.T @ flat / len(flat) + RIDGE * np.eye(len(scale))
    # Which of those that are alike is called the truth: the true one first.
    chosen = np.random.default_rng(seed).integers(half + 1, size=(TRIALS, len(truth)))
    called = np.stack([alike[0].mean(0), *(alike[choice, rows].mean(0) for choice in chosen)], axis=1)
    weights = np.linalg.solve(gram, called / scale[:, None]) / scale[:, None]
    statistics = np.stack([_spread(inputs[[n]], draws[half:, n], weights) for n in rows])
    return _upper(statistics), float(_upper(statistics.mean(0)[None])[0])


def _spread(observation: np.ndarray, draws: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean square of what each classifier says of the draws (D, d) of one observation (1, m), (trials + 1,)."""
    scores = _features(np.repeat(observation, len(draws), 0), draws) @ weights
    return np.square(scores).mean(0)


def _upper(statistics: np.ndarray) -> np.ndarray:
    """Share of the trials (N, trials + 1) that are no smaller than the first, itself included, (N,)."""
    return (statistics >= statistics[:, :1]).mean(1)


def _features(inputs: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Parameters, their products, and their products with the observation; what is of the observation alone cancels."""
    first, second = np.triu_indices(parameters.shape[1])
    pairs = parameters[:, first] * parameters[:, second]
    crossed = (parameters[:, :, None] * inputs[:, None]).reshape(len(parameters), -1)
    return np.column_stack([parameters, pairs, crossed])
