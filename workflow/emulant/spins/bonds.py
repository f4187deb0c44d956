"""Bonds of the square and the triangular lattice with periodic boundaries."""

from typing import Any

import numpy as np

from emulant.gauge.arrays import double, library_of

__all__ = ["DIRECTIONS", "bipartite", "bond_sum", "neighbour_sum", "neighbours", "ordered", "update_order"]

DIRECTIONS = {"square": ((0, 1), (1, 0)), "triangular": ((0, 1), (1, 0), (1, 1))}
"""Steps (y, x) from a site to its neighbours, each bond once."""


def bond_sum(spins: Any, lattice: str) -> Any:
    """Sum s s' over all bonds of each configuration, (N,), in double precision; arrays and tensors (N, L_y, L_x) alike."""
    values, roll = double(spins), library_of(spins).roll
    ahead = sum(roll(values, (-y, -x), (-2, -1)) for y, x in DIRECTIONS[lattice])
    return (values * ahead).sum((-2, -1))


def neighbour_sum(spins: Any, lattice: str, steps: int = 1) -> Any:
    """Sum the neighbours of each site, or the sites so many steps away along each direction, in double precision.

    Arguments:
        spins: (N, L_y, L_x).
        lattice: square or triangular.
        steps: 1 for neighbours.
    """
    values, roll = double(spins), library_of(spins).roll
    lengths = (steps, -steps)
    return sum(roll(values, (s * y, s * x), (-2, -1)) for y, x in DIRECTIONS[lattice] for s in lengths)


def neighbours(shape: tuple[int, ...], lattice: str) -> np.ndarray:
    """List the flat positions of the neighbours of each site, (V, number of neighbours)."""
    sites = np.arange(np.prod(shape)).reshape(shape)
    steps = [(s * y, s * x) for y, x in DIRECTIONS[lattice] for s in (1, -1)]
    return np.stack([np.roll(sites, step, (0, 1)).ravel() for step in steps], 1)


def update_order(shape: tuple[int, ...], lattice: str) -> np.ndarray:
    """List the sites by colour, (V,): two on the square, three on the triangular lattice, where x + y has a colour.

    Sites of a colour are no neighbours where the extents are multiples of the number of colours; elsewhere the order is
    one of many in which single sites may be updated.
    """
    colours = np.indices(shape).sum(0) % len(DIRECTIONS[lattice])
    return np.argsort(colours.ravel(), kind="stable")


def bipartite(shape: tuple[int, ...], lattice: str) -> bool:
    """Whether all neighbours of a site lie on another sublattice, so that a change of its sign changes that of J."""
    return lattice == "square" and not any(length % 2 for length in shape)


def ordered(shape: tuple[int, ...], lattice: str, aligned: bool) -> np.ndarray:
    """Return spins +-1 in order, `shape`: all up, or, not aligned, alternating as far as the lattice allows.

    Rows of alternating sign are a ground state of the triangular antiferromagnet, a chequerboard is that of the square one.
    """
    if aligned:
        return np.ones(shape, np.int8)
    rows, columns = np.indices(shape)
    return (1 - 2 * ((rows + (lattice == "square") * columns) % 2)).astype(np.int8)
