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
NEWTON, HALVINGS = 4, 53
"""Steps of Newton's method, of which three are enough mostly, and of bisection down to rounding."""
SETTLED = 1e-12
"""Distance from a cumulative value, of the rise of a cell, that Newton's method may leave."""
GUIDED = 512
"""Equidistant cumulative values whose cells are listed, so that a search begins just below."""
TURN = 2 * math.pi


class CdfTable(NamedTuple):
    """A table.

    Attributes:
        knots: cumulative value and density, with the cell as unit of length, (rows, cells + 1, 2).
        guide: cell of each of GUIDED cumulative values, or one before it, for each row and the next one, (rows - 1, GUIDED)
            int16.
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
    guide = np.array([np.searchsorted(row, wanted, side="right") - 1 for row in value], np.int16)
    slope = np.minimum(knots / total, STEEPEST * lower)
    # Where both rows are below a value, so is what is between them.
    return CdfTable(np.ascontiguousarray(np.stack([value, slope], 2)), np.minimum(guide[:-1], guide[1:]))


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


@njit(cache=True, error_model="numpy")
def _roots(heights, cubics, roots):
    """Find where in [0, 1] rising cubics reach heights, by Newton's method from the chord on.

    Without branches and with one output, so that it is compiled to vector instructions.

    Arguments:
        heights: (n,).
        cubics: rise and coefficients of each, (4, n).
        roots: to be filled, (n,).
    """
    # By their numbers: rows of an array that is unpacked are not known to be contiguous.
    rise, d0, second, third = cubics[0], cubics[1], cubics[2], cubics[3]
    for i in range(heights.size):
        t = min(max(heights[i] / rise[i], 0.0), 1.0) if rise[i] > 0 else 0.5
        for _ in range(NEWTON):
            reached, slope = _cubic(t, 0.0, rise[i], d0[i], second[i], third[i])
            t = min(max(t + (heights[i] - reached) / slope, 0.0), 1.0)
        roots[i] = t


@njit(cache=True)
def _bisected(height, rise, d0, second, third):
    """Return one such root by bisection, for cubics on which Newton's method does not settle."""
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


@njit(cache=True, error_model="numpy")
def inverted(knots, guide, row, part, value, angle, density):
    """Find the angles in [-pi, pi) with cumulative values in [0, 1), and their densities with respect to d angle / 2 pi.

    Many at once: what needs tables goes first, so that the rest is arithmetic on arrays.

    Arguments:
        knots, guide: of a table.
        row, part: as of `evaluated`, (n,) each.
        value: of the cumulative distribution, (n,).
        angle, density: to be filled, (n,).
    """
    cells, guided = knots.shape[1] - 1, guide.shape[1]
    cell, height, cubics = np.empty(value.size), np.empty(value.size), np.empty((4, value.size))
    for i in range(value.size):
        r, p = row[i], part[i]
        k = guide[r, min(int(value[i] * guided), guided - 1)]
        while k < cells - 1 and _mixed(knots, r, p, k + 1, 0) <= value[i]:
            k += 1
        f0, cubics[0, i], cubics[1, i], cubics[2, i], cubics[3, i] = _cell(knots, r, p, k)
        cell[i], height[i] = k, value[i] - f0
    _roots(height, cubics, angle)
    # By their numbers: rows of an array that is unpacked are not known to be contiguous.
    rise, d0, second, third = cubics[0], cubics[1], cubics[2], cubics[3]
    for i in range(value.size):
        cubic = 0.0, rise[i], d0[i], second[i], third[i]
        reached, slope = _cubic(angle[i], *cubic)
        if not abs(height[i] - reached) <= SETTLED * rise[i]:
            angle[i] = _bisected(height[i], rise[i], d0[i], second[i], third[i])
            slope = _cubic(angle[i], *cubic)[1]
        density[i] = slope * cells
        angle[i] = (cell[i] + angle[i]) * (TURN / cells) - math.pi
