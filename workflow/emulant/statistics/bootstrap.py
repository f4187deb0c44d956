"""Bootstrap errors of functions of means over independent events. B. Efron, Ann. Statist. 7 (1979) 1.

For errors of single figures and benchmarks. Tables have jackknife errors, from which the judge also takes degrees of
freedom and bias; tests/collisions/test_errors.py shows that the two agree for every observable of events.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Estimate", "bootstrap", "resampled_means"]

# The relative error of an error is 1 / sqrt(2 * 200) = 5 %.
RESAMPLES = 200
# Entries of the table of counts (resamples, events) at a time: 32 MB as int64, 32 MB as float64.
MEMORY = 4_000_000


class Estimate(NamedTuple):
    """A value, its standard error, and the resampled values (resamples, ...), whose covariance is that of the value."""

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
    """Compute a function of the means of `primaries` and its bootstrap error.

    Two measurements of the same events with the same seed use the same resamples, so their covariance can be taken
    from these.

    Arguments:
        primaries: contribution of each independent event, (events, columns).
        function: means (..., columns) -> values (..., *indices), for any leading axes.
        seed: of the resampling.
        resamples: number of resampled sets of events.
    """
    primaries = np.asarray(primaries, float)
    value = np.asarray(function(primaries.mean(axis=0)))
    samples = np.asarray(function(resampled_means(primaries, seed=seed, resamples=resamples)))
    return Estimate(value, samples.std(axis=0, ddof=1), samples)


def resampled_means(primaries: np.ndarray, *, seed: int, resamples: int = RESAMPLES) -> np.ndarray:
    """Average as many events as there are, drawn with replacement, `resamples` times: (resamples, columns)."""
    events, generator = len(primaries), np.random.default_rng(seed)
    at_once, means = max(1, MEMORY // events), []
    for start in range(0, resamples, at_once):
        drawn = generator.multinomial(events, np.full(events, 1 / events), min(at_once, resamples - start))
        means.append(drawn.astype(float) @ primaries / events)
    return np.concatenate(means)
