"""Importance weights w = p/q of a sample of q: effective size, normalisation of p, and a sample of p itself."""

import numpy as np
from scipy.special import logsumexp

from emulant.statistics.jackknife import effective_size, jackknife_error

__all__ = ["effective_fraction", "minus_log_mean", "unweighted"]

SEED = 20240417
"""Of the draws of `unweighted`, so that every reader of an ensemble takes the same part of it."""


def effective_fraction(log_weight: np.ndarray) -> tuple[float, float]:
    """Kish's effective sample size over sample size, (mean w)^2 / mean w^2, with its jackknife error.

    Few samples rarely hold those of large weight, so that the value is too high where they are few: say how many.

    Arguments:
        log_weight: ln w of each sample up to a constant, (N,).
    """
    weight = np.exp(log_weight - log_weight.max())
    count, first, second = len(weight), weight.sum(), (weight**2).sum()
    left_out = (first - weight) ** 2 / (second - weight**2) / (count - 1)
    return effective_size(log_weight) / count, float(np.sqrt((count - 1) * left_out.var()))


def minus_log_mean(log_weight: np.ndarray) -> tuple[float, float]:
    """-ln(mean w) with its jackknife error; with w = exp(-S)/q it is -ln Z.

    Arguments:
        log_weight: ln w of each sample, (N,), float64.
    """
    count = len(log_weight)
    value = np.log(count) - logsumexp(log_weight)
    if count < 2:
        return float(value), float("nan")
    # Sums without one weight from both ends: a difference would lose all digits where one weight is nearly all.
    sums, reverse = (np.logaddexp.accumulate(part) for part in (log_weight, log_weight[::-1]))
    before, after = np.append(-np.inf, sums[:-1]), np.append(reverse[::-1][1:], -np.inf)
    left_out = np.log(count - 1) - np.logaddexp(before, after)
    return float(value), float(jackknife_error(left_out[:, None])[0])


def unweighted(log_weight: np.ndarray) -> np.ndarray:
    """Choose samples that count alike, each with probability w / max w: ascending indices (k,).

    They are as independent as all samples were, and k is at most their effective number.

    Arguments:
        log_weight: ln w of each sample up to a constant, (N,).
    """
    uniform = np.random.default_rng(SEED).random(len(log_weight))
    return np.flatnonzero(uniform < np.exp(log_weight - log_weight.max()))
