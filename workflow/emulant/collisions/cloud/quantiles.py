"""Tables of quantiles: where a value has its place in one, or in a mean of several."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Axis", "rayleigh", "rayleigh_inverse", "scores"]


@dataclass(frozen=True)
class Axis:
    """Scores at which a table has its quantiles, equidistant from `first` to `last`, and their distribution function.

    Attributes:
        first, last: scores of the first and the last entry.
        law: distribution function of the scores.
        inverse: its inverse.
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
    """The score (n,) of each value in its own mean of tables; by chance, where several entries equal the value.

    Arguments:
        tables: ascending quantiles, (tables, entries).
        rows: the tables of each value, (n, K).
        weights: their weights in the mean, (n, K).
        values: (n,).
        uniform: random numbers in [0, 1), (n,).
        axis: of the tables.
    """
    low, high = (
        axis.first + place * (axis.last - axis.first) for place in _places(tables, rows, weights, values)
    )
    tied = high > low
    bottom, top = axis.law(low[tied]), axis.law(high[tied])
    low[tied] = np.clip(axis.inverse(bottom + uniform[tied] * (top - bottom)), low[tied], high[tied])
    return low


def _places(
    tables: np.ndarray, rows: np.ndarray, weights: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last place in [0, 1] where there is each value; one, unless entries are equal."""
    last = tables.shape[1] - 1

    def entries(index: np.ndarray) -> np.ndarray:
        return np.sum(weights * tables[rows, index[:, None]], axis=1)

    def first(goes_on: np.ufunc) -> np.ndarray:
        """The first entry of which `goes_on`(entry, value) is not true, by bisection."""
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
    found = high > low
    return np.where(found, low, between) / last, np.where(found, high - 1, between) / last


def rayleigh(radius: np.ndarray) -> np.ndarray:
    """Distribution function of the radius of two independent normal numbers."""
    return -np.expm1(-(radius**2) / 2)


def rayleigh_inverse(probability: np.ndarray) -> np.ndarray:
    """The inverse of `rayleigh`."""
    return np.sqrt(-2 * np.log1p(-probability))
