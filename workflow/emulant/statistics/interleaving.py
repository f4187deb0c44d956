"""Chains beside each other that are taken for one: rows some way apart are more alike than neighbours."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm, rankdata

__all__ = ["Pattern", "interleaved"]

FALSE_ALARMS = 1e-4
"""Of files whose rows are independent, or successive in one chain whose autocorrelation falls: one in ten thousand."""
MOST_ALIKE = 0.7
"""Part of the largest correlation that the smallest distance must have: chains are as alike after two of their steps."""


class Pattern(NamedTuple):
    """What speaks for several chains.

    Attributes:
        apart: rows from one step of a chain to its next.
        correlation: of rows so far apart.
        neighbours: correlation of neighbouring rows.
    """

    apart: int
    correlation: float
    neighbours: float


def interleaved(series: np.ndarray) -> Pattern | None:
    """Look for rows at a distance from 2 to N/2 that are more correlated than neighbours are, either way.

    The autocorrelation of a reversible Markov chain falls, or alternates and falls in size; that of n chains beside each
    other is that of one chain at multiples of n, and little between. Ranks make heavy tails harmless. The error of a
    correlation is Bartlett's, with the correlations at smaller distances (J. R. Statist. Soc. Suppl. 8 (1946) 27); the
    limit takes all distances and quantities into account.

    Arguments:
        series: numbers of each row, (N, quantities).
    """
    lags, patterns = np.arange(2, len(series) // 2 + 1), []
    limit = norm.isf(FALSE_ALARMS / max(1, lags.size * series.shape[1]))
    for quantity in series.T:
        correlation, counts = _correlations(quantity)
        smaller = np.cumsum(correlation[1:-1] ** 2)
        error = np.sqrt((1 + 2 * smaller) / counts[2:])
        excess = correlation[2:] - abs(correlation[1])
        alike = np.flatnonzero(excess > limit * error)
        if len(alike):
            first = alike[correlation[2:][alike] >= MOST_ALIKE * correlation[2:][alike].max()][0]
            patterns.append(Pattern(int(lags[first]), float(correlation[2:][first]), float(correlation[1])))
    return max(patterns, key=lambda pattern: pattern.correlation, default=None)


def _correlations(quantity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Autocorrelation of the ranks of a quantity at distances 0 to N/2, and the number of pairs of each."""
    ranks = rankdata(quantity)
    x, size = ranks - ranks.mean(), len(ranks)
    counts = size - np.arange(size // 2 + 1)
    power = np.abs(np.fft.rfft(x, 2 * size)) ** 2
    products = np.fft.irfft(power, 2 * size)[: len(counts)]
    # Of a quantity that is the same in all rows nothing is left.
    variance = (x @ x) / size or 1.0
    return products / counts / variance, counts
