"""Wilson loops, Creutz ratios and Polyakov loops."""

from collections.abc import Callable

import numpy as np

__all__ = ["RECTANGLES", "creutz_ratio", "enclosed", "extents_of", "polyakov_angles"]

LONGEST = 4
"""Longest side of a loop that is measured: an area law leaves nothing to see of larger ones."""
RECTANGLES = tuple((r, t) for r in range(1, LONGEST + 1) for t in (r, r + 1) if t <= LONGEST)
"""Sides of the loops that are measured, squares and nearly squares: one for each area."""


def extents_of(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """List those of RECTANGLES whose sides are at most half of the lattice (2, L_t, L_s)."""
    return [sides for sides in RECTANGLES if max(sides) <= min(shape[1:]) // 2]


def enclosed(plaquettes: np.ndarray, time: int, space: int) -> np.ndarray:
    """Sum the plaquettes in the rectangles that begin at each site, (N, L_t, L_s).

    Arguments:
        plaquettes: (N, L_t, L_s).
        time, space: sides of the rectangle.
    """
    line = sum(np.roll(plaquettes, -step, -1) for step in range(space))
    return sum(np.roll(line, -step, -2) for step in range(time))


def creutz_ratio(loop: Callable[[int, int], np.ndarray], side: int) -> np.ndarray:
    """Compute -ln [W(R, R) W(R-1, R-1) / W(R, R-1)^2], the string tension at the scale R.

    Arguments:
        loop: sides in rising order -> W, with W = 1 of no area.
        side: R.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return -np.log(loop(side, side) * loop(side - 1, side - 1) / loop(side - 1, side) ** 2)


def polyakov_angles(links: np.ndarray) -> np.ndarray:
    """Sum the links of each line in time, (N, L_s), not wrapped."""
    return links[:, 0].sum(-2)
