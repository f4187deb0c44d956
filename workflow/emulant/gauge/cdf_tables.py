"""Cumulative distributions of an angle as tables, and the kernels that evaluate and invert them.

A table has rows, one for each value of a condition; between two rows distributions are mixed linearly, and within a cell the
cumulative one is the cubic of its values and densities at the knots. So a table is a distribution by itself, whose density
the kernels know to rounding, however coarse it is: its distance from the law that it was made of shows in weights.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

__all__ = ["CdfTable", "cdf_table", "evaluated", "inverted"]

SUBDIVISION = 4
"""Points of a cell at which a density is needed: those of Boole's rule, whose error is of the seventh order."""
BOOLE = np.array([7.0, 32.0, 12.0, 32.0, 7.0]) / 90
FLOOR = 1e-14
"""Of a density, relative to its largest value: below it a Fourier sum is rounding, which may be negative."""
STEEPEST = 3.0
"""Largest density at a knot in units of the mean densities of the cells beside it for which the cubic rises everywhere
(F. Fritsch and R. Carlson, SIAM J. Numer. Anal. 17 (1980) 238)."""
QUICK, HALVINGS = 8, 53
"""Steps of Newton's method, which needs three, and of bisection down to rounding."""
CONVERGED = 1e-6
"""Step of Newton's method, in cells, after which the next one would be rounding."""
GUIDED = 512
"""Equidistant cumulative values whose cells are listed, so that a search begins nearby."""
TURN = 2 * math.pi


class CdfTable(NamedTuple):
    """A table.

    Attributes:
        knots: cumulative value and density, with the cell as unit of length, (rows, cells + 1, 2).
        guide: cell of each of GUIDED cumulative values, (rows, GUIDED) int16.
    """

    knots: np.ndarray
    guide: np.ndarray


def cdf_table(density: np.ndarray) -> CdfTable:
    """Make a table of densities up to a factor.

    Arguments:
        density: at SUBDIVISION points of each cell from -pi on, periodic, (rows, SUBDIVISION cells), at least two rows.
    """
    density = np.maximum(density, FLOOR * density.max(1, keepdims=True))
    density = np.concatenate([density, density[:, :1]], 1)
    knots = density[:, ::SUBDIVISION]
    inner = [density[:, k::SUBDIVISION] for k in range(1, SUBDIVISION)]
    cells = sum(w * part for w, part in zip(BOOLE, [knots[:, :-1], *inner, knots[:, 1:]], strict=True))
    total = cells.sum(1, keepdims=True)
    cells = cells / total
    lower = np.minimum(np.pad(cells, ((0, 0), (1, 0)), "edge"), np.pad(cells, ((0, 0), (0, 1)), "edge"))
    value = np.pad(np.cumsum(cells, 1), ((0, 0), (1, 0)))
    value[:, -1] = 1.0
    wanted = np.arange(GUIDED) / GUIDED
    guide = [np.searchsorted(row, wanted, side="right") - 1 for row in value]
    slope = np.minimum(knots / total, STEEPEST * lower)
    return CdfTable(np.ascontiguousarray(np.stack([value, slope], 2)), np.array(guide, np.int16))


@njit(cache=True)
def _mixed(knots, row, part, knot, column):
    """Mix two successive rows at a knot."""
    low = knots[row, knot, column]
    return low + part * (knots[row + 1, knot, column] - low)


@njit(cache=True)
def _cubic(t, f0, rise, d0, second, third):
    """Evaluate a cubic and its slope from its coefficients."""
    return f0 + t * (d0 + t * (second + t * third)), d0 + t * (2 * second + 3 * t * third)


@njit(cache=True)
def _cell(knots, row, part, cell):
    """Return the coefficients of the cubic in a cell, and how much it rises."""
    f0, d0 = _mixed(knots, row, part, cell, 0), _mixed(knots, row, part, cell, 1)
    f1, d1 = _mixed(knots, row, part, cell + 1, 0), _mixed(knots, row, part, cell + 1, 1)
    rise = f1 - f0
    return f0, rise, d0, 3 * rise - 2 * d0 - d1, d0 + d1 - 2 * rise


@njit(cache=True)
def _root(height, rise, d0, second, third):
    """Return where in [0, 1] a rising cubic without constant reaches a height, by Newton's method from the chord on."""
    t = min(max(height / rise, 0.0), 1.0) if rise > 0 else 0.5
    for _ in range(QUICK):
        reached, slope = _cubic(t, 0.0, rise, d0, second, third)
        step = (height - reached) / slope if slope > 0 else 2.0
        t += step
        if not 0.0 <= t <= 1.0:
            break
        if abs(step) < CONVERGED:
            return t
    return _bisected(height, rise, d0, second, third)


@njit(cache=True)
def _bisected(height, rise, d0, second, third):
    """Return the same by bisection, for cells of whose cubic Newton's method leaves."""
    left, right = 0.0, 1.0
    for _ in range(HALVINGS):
        t = 0.5 * (left + right)
        if _cubic(t, 0.0, rise, d0, second, third)[0] > height:
            right = t
        else:
            left = t
    return 0.5 * (left + right)


@njit(cache=True)
def evaluated(knots, row, part, angle):
    """Return cumulative distribution and density with respect to d angle / 2 pi at an angle in [-pi, pi).

    Arguments:
        knots: of a table.
        row, part: the condition lies at `part` of the way from `row` to the next.
        angle: at which.
    """
    cells = knots.shape[1] - 1
    position = (angle + math.pi) * (cells / TURN)
    cell = min(max(int(position), 0), cells - 1)
    value, slope = _cubic(position - cell, *_cell(knots, row, part, cell))
    return value, slope * cells


@njit(cache=True)
def inverted(knots, guide, row, part, value):
    """Return the angle in [-pi, pi) with a cumulative value in [0, 1), and its density with respect to d angle / 2 pi.

    Arguments:
        knots, guide: of a table.
        row, part: as of `evaluated`.
        value: of the cumulative distribution.
    """
    cells = knots.shape[1] - 1
    guided = guide.shape[1]
    cell = guide[row, min(int(value * guided), guided - 1)]
    while cell < cells - 1 and _mixed(knots, row, part, cell + 1, 0) <= value:
        cell += 1
    while cell > 0 and _mixed(knots, row, part, cell, 0) > value:
        cell -= 1
    f0, rise, d0, second, third = _cell(knots, row, part, cell)
    t = _root(value - f0, rise, d0, second, third)
    return (cell + t) * (TURN / cells) - math.pi, _cubic(t, f0, rise, d0, second, third)[1] * cells
