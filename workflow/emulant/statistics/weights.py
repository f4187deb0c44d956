"""Importance weights w = p/q of a sample of q: effective size, normalisation of p, and a sample of p itself."""

import numpy as np
from scipy.special import logsumexp

from emulant.statistics.jackknife import effective_size, jackknife_error

__all__ = [
    "effective_fraction",
    "forward_fraction",
    "largest_share",
    "minus_log_mean",
    "second_order",
    "unweighted",
]

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


def second_order(log_weight: np.ndarray) -> tuple[float, float]:
    """-ln(mean w) where ln w is Gaussian, -<ln w> - Var(ln w)/2, with its error.

    It needs no sample of large weight, and its distance from `minus_log_mean` shows how far ln w is from Gaussian.

    Arguments:
        log_weight: ln w of each sample, (N,), float64.
    """
    mean, count = log_weight.mean(), len(log_weight)
    deviations = log_weight - mean
    variance = deviations.var(ddof=1)
    # Influence of each sample on mean and variance together.
    influence = -deviations - 0.5 * (deviations**2 - variance)
    return float(-mean - 0.5 * variance), float(influence.std(ddof=1) / np.sqrt(count))


def largest_share(log_weight: np.ndarray) -> float:
    """Part of all weight that the heaviest sample has; near 1 the effective size means nothing."""
    return float(np.exp(log_weight.max() - logsumexp(log_weight)))


def forward_fraction(log_weight: np.ndarray) -> tuple[float, float]:
    """Effective fraction by samples of p itself, 1 / (<w>_p <1/w>_p), with its jackknife error.

    It equals (mean w)^2 / mean w^2 over samples of q, and sees what these never visit: a phase that q lacks.

    Arguments:
        log_weight: ln w = ln(p/q) up to a constant of independent samples of p, (N,).
    """
    centred = log_weight - log_weight.mean()
    weight, inverse, count = np.exp(centred), np.exp(-centred), len(centred)
    value = 1 / (weight.mean() * inverse.mean())
    left_out = (count - 1) ** 2 / ((weight.sum() - weight) * (inverse.sum() - inverse))
    return float(value), float(jackknife_error(left_out[:, None])[0])


def unweighted(log_weight: np.ndarray) -> np.ndarray:
    """Choose samples that count alike, each with probability w / max w: ascending indices (k,).

    They are as independent as all samples were, and k is at most their effective number.

    Arguments:
        log_weight: ln w of each sample up to a constant, (N,).
    """
    uniform = np.random.default_rng(SEED).random(len(log_weight))
    return np.flatnonzero(uniform < np.exp(log_weight - log_weight.max()))
