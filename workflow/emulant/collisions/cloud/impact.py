"""Groups of training events of similar impact parameter, and what lies between them."""

import numpy as np
from scipy.interpolate import CubicSpline

__all__ = ["between", "curve_weights", "groups_of"]

DISTINCT, GROUP, MOST_GROUPS = 8, 100, 6


def groups_of(impact: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Places of the events of each group, and an impact parameter for each, ascending, (K,).

    Up to 8 different impact parameters are a group each. Where there are more, up to 6 groups of at least 100 events
    have their means, but the outer two the smallest and the largest impact parameter.

    Arguments:
        impact: of all events, (N,), in fm.
    """
    values = np.unique(impact)
    if len(values) <= DISTINCT:
        return [np.flatnonzero(impact == value) for value in values], values
    number = np.clip(len(impact) // GROUP, 1, MOST_GROUPS)
    groups = np.array_split(np.argsort(impact, kind="stable"), number)
    knots = np.array([impact[group].mean() for group in groups])
    if number > 1:
        knots[0], knots[-1] = values[0], values[-1]
    # One impact parameter that most events have would fill several groups.
    merged = [
        np.concatenate([g for g, k in zip(groups, knots, strict=True) if k == knot])
        for knot in np.unique(knots)
    ]
    return merged, np.unique(knots)


def between(knots: np.ndarray, impact: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The knots left and right of impact parameters (n,), and the weight of the right ones."""
    left = np.clip(np.searchsorted(knots, impact, "right") - 1, 0, max(len(knots) - 2, 0))
    right = np.minimum(left + 1, len(knots) - 1)
    width = knots[right] - knots[left]
    weight = np.divide(impact - knots[left], width, out=np.zeros(len(impact)), where=width > 0)
    return left, right, np.clip(weight, 0, 1)


def curve_weights(knots: np.ndarray, impact: np.ndarray) -> np.ndarray:
    """Weights (n, K) of values at the knots in a smooth curve through all, at impact parameters (n,) among them."""
    if len(knots) == 1:
        return np.ones((len(impact), 1))
    return CubicSpline(knots, np.eye(len(knots)))(np.clip(impact, knots[0], knots[-1]))
