"""Errors of functions of means, by drawing independent events again. B. Efron, Ann. Statist. 7 (1979) 1.

For errors of one figure or benchmark. Tables have the jackknife's, from which the judge also takes degrees of freedom and
bias; tests/collisions/test_errors.py shows that both are the same error for every observable of events.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Estimate", "bootstrap", "resampled_means"]

RESAMPLES, MEMORY = 200, 4_000_000


class Estimate(NamedTuple):
    """A value, its standard error, and the resampled values (resamples, ...) from which covariances follow."""

    value: np.ndarray
    error: np.ndarray
    samples: np.ndarray


def bootstrap(
    primaries: np.ndarray,
    function: Callable[[np.ndarray], np.ndarray] = lambda means: means,
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Value and error of a function of the means of `primaries`.

    Two measurements of the same events with the same seed draw the same events, so their samples are correlated as
    the measurements are.

    Arguments:
        primaries: what each independent event contributes, (events, columns).
        function: means (..., columns) -> values (..., *indices), for any leading axes.
        seed: of the draws.
        resamples: how often all events are drawn again.
    """
    primaries = np.asarray(primaries, float)
    value = np.asarray(function(primaries.mean(axis=0)))
    samples = np.asarray(function(resampled_means(primaries, seed=seed, resamples=resamples)))
    return Estimate(value, samples.std(axis=0, ddof=1), samples)


def resampled_means(primaries: np.ndarray, *, seed: int, resamples: int = RESAMPLES) -> np.ndarray:
    """Means over as many events as there are, drawn with replacement, (resamples, columns)."""
    events, generator = len(primaries), np.random.default_rng(seed)
    at_once, means = max(1, MEMORY // events), []
    for start in range(0, resamples, at_once):
        drawn = generator.multinomial(events, np.full(events, 1 / events), min(at_once, resamples - start))
        means.append(drawn.astype(float) @ primaries / events)
    return np.concatenate(means)
