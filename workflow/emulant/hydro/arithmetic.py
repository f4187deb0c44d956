"""Operations that numbers in Numba's loops and torch's tensors share under one name, so that a formula is written once.

A function registered by `register_jitable` runs as it stands on tensors and is compiled into loops over cells.
"""

import math

from numba.extending import overload

__all__ = ["at_least", "at_most", "combined", "largest", "minmod", "root", "worst"]

STEEPNESS = 1.3
"""Factor of the one-sided slopes in the generalised minmod limiter, between 1 (most diffusive) and 2."""


def root(x):
    """Compute the square root."""
    return x.sqrt()


def at_least(x, bound):
    """Compute max(x, bound) for a number `bound`."""
    return x.clamp(min=bound)


def at_most(x, bound):
    """Compute min(x, bound) for a number `bound`."""
    return x.clamp(max=bound)


def largest(x, y):
    """Compute max(x, y)."""
    return x.maximum(y)


def worst(x):
    """Compute the largest |x| of all cells; a NaN counts as none, so that a loop ends."""
    return float(x.abs().nan_to_num(0).max())


def combined(a, one, b, two):
    """Compute a x + b y of the pairs of two tuples of the same length, 3 or 6."""
    return tuple(a * x + b * y for x, y in zip(one, two, strict=True))


def minmod(before, middle, after):
    """Compute the limited slope: of three with one sign the smallest, else 0, outer ones times STEEPNESS."""
    one, two = STEEPNESS * before, STEEPNESS * after
    size = one.abs().minimum(two.abs()).minimum(middle.abs())
    return size * ((one > 0) & (two > 0)) - size * ((one < 0) & (two < 0))


@overload(root)
def _root(x):
    return lambda x: math.sqrt(x)


@overload(at_least)
def _at_least(x, bound):
    return lambda x, bound: max(x, bound)


@overload(at_most)
def _at_most(x, bound):
    return lambda x, bound: min(x, bound)


@overload(largest)
def _largest(x, y):
    return lambda x, y: max(x, y)


@overload(worst)
def _worst(x):
    return lambda x: abs(x)


@overload(combined)
def _combined(a, one, b, two):
    def three(a, one, b, two):
        return a * one[0] + b * two[0], a * one[1] + b * two[1], a * one[2] + b * two[2]

    def six(a, one, b, two):
        x, y = one, two
        first = a * x[0] + b * y[0], a * x[1] + b * y[1], a * x[2] + b * y[2]
        return (*first, a * x[3] + b * y[3], a * x[4] + b * y[4], a * x[5] + b * y[5])

    return three if one.count == 3 else six


@overload(minmod)
def _minmod(before, middle, after):
    def limited(before, middle, after):
        one, two = STEEPNESS * before, STEEPNESS * after
        if one > 0 and two > 0 and middle > 0:
            return min(one, two, middle)
        if one < 0 and two < 0 and middle < 0:
            return max(one, two, middle)
        return 0.0 * middle

    return limited
