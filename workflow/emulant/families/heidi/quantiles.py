"""Tables of quantiles, and the score of a value in a table or in a weighted mean of several."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Axis", "rayleigh", "rayleigh_inverse", "scores"]


@dataclass(frozen=True)
class Axis:
    """Scores at which a table has quantiles, equidistant from `first` to `last`, and their distribution function.

    Attributes:
        first, last: scores of the first and the last entry.
        law: distribution function of the scores.
        inverse: inverse of `law`.
    """

    first: float
    last: float
    law: Callable[[np.ndarray], np.ndarray]
    inverse: Callable[[np.ndarray], np.ndarray]


def scores(
    tables: np.ndarray,
    rows: np.ndarray,
    weights: np.ndarray,
    values: np.ndarray,
    uniform: np.ndarray,
    axis: Axis,
) -> np.ndarray:
    """Compute the score (n,) of each value in its weighted mean of tables; ties are broken at random.

    Arguments:
        tables: ascending quantiles, (tables, entries).
        rows: indices of the tables of each value, (n, K).
        weights: weights of these tables in the mean, (n, K).
        values: values to look up, (n,).
        uniform: random numbers in [0, 1) for ties, (n,).
        axis: scores of the tables.
    """
    low, high = (
        axis.first + position * (axis.last - axis.first)
        for position in _places(tables, rows, weights, values)
    )
    tied = high > low
    bottom, top = axis.law(low[tied]), axis.law(high[tied])
    low[tied] = np.clip(axis.inverse(bottom + uniform[tied] * (top - bottom)), low[tied], high[tied])
    return low


def _places(
    tables: np.ndarray, rows: np.ndarray, weights: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last position in [0, 1] of each value; they differ only if entries are equal."""
    last = tables.shape[1] - 1

    def entries(index: np.ndarray) -> np.ndarray:
        return np.sum(weights * tables[rows, index[:, None]], axis=1)

    def first(goes_on: np.ufunc) -> np.ndarray:
        """Return the first entry for which `goes_on`(entry, value) is false, by bisection."""
        low, high = np.zeros(len(values), int), np.full(len(values), last + 1)
        for _ in range((last + 1).bit_length()):
            middle = (low + high) // 2
            further = goes_on(entries(np.minimum(middle, last)), values) & (low < high)
            low, high = np.where(further, middle + 1, low), np.where(further, high, middle)
        return low

    low, high = first(np.less), first(np.less_equal)
    left, right = np.clip(low - 1, 0, last), np.clip(low, 0, last)
    start = entries(left)
    gap = entries(right) - start
    between = left + np.divide(values - start, gap, out=np.zeros(len(values)), where=gap > 0)
    is_tied = high > low
    return np.where(is_tied, low, between) / last, np.where(is_tied, high - 1, between) / last


def rayleigh(radius: np.ndarray) -> np.ndarray:
    """Compute the distribution function of the radius of two independent standard normal variables."""
    return -np.expm1(-(radius**2) / 2)


def rayleigh_inverse(probability: np.ndarray) -> np.ndarray:
    """Invert `rayleigh`."""
    return np.sqrt(-2 * np.log1p(-probability))
