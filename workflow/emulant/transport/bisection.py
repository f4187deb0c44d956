"""The order in which a closed Markov chain is drawn, halving every gap: a point knows the two ends of its gap alone."""

from typing import NamedTuple

import numpy as np

__all__ = ["Halves", "bisection"]


class Halves(NamedTuple):
    """Points between two that are there already, which do not depend on each other; each (points,).

    Attributes:
        left, middle, right: their numbers in the chain; `right` of the last gap is point 0.
        before, after: steps from the left end to the middle, and from there to the right end.
    """

    left: np.ndarray
    middle: np.ndarray
    right: np.ndarray
    before: np.ndarray
    after: np.ndarray


def bisection(points: int) -> list[Halves]:
    """Divide the ring from point 0 round to itself until every point is the middle of a gap."""
    ends, levels = np.array([0, points]), []
    while (gaps := np.diff(ends)).max() > 1:
        open_gaps = np.flatnonzero(gaps > 1)
        left, right = ends[open_gaps], ends[open_gaps + 1]
        middle = (left + right) // 2
        levels.append(Halves(left, middle, right % points, middle - left, right - middle))
        ends = np.sort(np.concatenate([ends, middle]))
    return levels
