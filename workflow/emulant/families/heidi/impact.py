"""Groups of training events of similar impact parameter, and interpolation between them."""

import numpy as np
from scipy.interpolate import CubicSpline

__all__ = ["between", "curve_weights", "groups_of"]

DISTINCT = 8
"""Most different impact parameters that get a group each, so that a few chosen values are not mixed."""
GROUP, MOST_GROUPS = 100, 6
"""Least events of a group, and most groups, of a continuous range: statistics of a table against resolution in b."""


def groups_of(impact: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the indices of the events of each group, and an impact parameter for each, ascending, (K,).

    Up to DISTINCT different impact parameters are a group each. If there are more, there are up to MOST_GROUPS groups of
    at least GROUP events at their means, except that the outer two are at the smallest and the largest impact parameter.

    Arguments:
        impact: impact parameters of all events in fm, (N,).
    """
    values = np.unique(impact)
    if len(values) <= DISTINCT:
        return [np.flatnonzero(impact == value) for value in values], values
    number = np.clip(len(impact) // GROUP, 1, MOST_GROUPS)
    groups = np.array_split(np.argsort(impact, kind="stable"), number)
    knots = np.array([impact[group].mean() for group in groups])
    if number > 1:
        knots[0], knots[-1] = values[0], values[-1]
    # An impact parameter shared by many events can fill several groups, which are merged.
    merged = [
        np.concatenate([g for g, k in zip(groups, knots, strict=True) if k == knot])
        for knot in np.unique(knots)
    ]
    return merged, np.unique(knots)


def between(knots: np.ndarray, impact: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the knots left and right of impact parameters (n,), and the weights of the right ones, each (n,)."""
    left = np.clip(np.searchsorted(knots, impact, "right") - 1, 0, max(len(knots) - 2, 0))
    right = np.minimum(left + 1, len(knots) - 1)
    width = knots[right] - knots[left]
    weight = np.divide(impact - knots[left], width, out=np.zeros(len(impact)), where=width > 0)
    return left, right, np.clip(weight, 0, 1)


def curve_weights(knots: np.ndarray, impact: np.ndarray) -> np.ndarray:
    """Compute weights (n, K) of a cubic spline through the knots at impact parameters (n,), clipped to their range."""
    if len(knots) == 1:
        return np.ones((len(impact), 1))
    return CubicSpline(knots, np.eye(len(knots)))(np.clip(impact, knots[0], knots[-1]))
