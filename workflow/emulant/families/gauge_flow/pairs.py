"""Pairs of neighbouring plaquettes, a quarter of which one layer moves: which they are, and which loops it leaves alone.

A link between two plaquettes adds to one what it takes from the other, so that their sum, a loop of 2 x 1 links, stays.
Along one direction all plaquettes are paired, from an even or an odd row on, and pairs have colours like a chessboard: one
layer moves the pairs of one colour. All neighbours of a pair that moves then stay. Eight layers move every link once.
"""

import itertools
from typing import NamedTuple

import torch
from torch import Tensor

from emulant.errors import InputError

__all__ = ["FROZEN", "MOVED", "PERIOD", "Pairs", "pairs_of"]

PERIOD = 8
"""Layers that move every link once: two directions, two beginnings of pairs, two colours."""
BESIDE = ((-1, 0), (1, 0), (0, -1), (0, 1))
"""Steps to the pairs beside one, along it and across: of the other colour, so that both plaquettes stay."""
NEXT = ((-1, -1), (-1, 1), (1, -1), (1, 1), (-2, 0), (2, 0), (0, -2), (0, 2))
"""Steps to the next pairs of the same colour, whose sums stay."""
FROZEN, MOVED = 2 * len(BESIDE), len(NEXT)
"""Numbers of plaquettes and of sums that a layer sees of each pair's surroundings."""


class Pairs(NamedTuple):
    """The pairs that one layer moves, as indices of plaquettes (V,) and of these pairs.

    Attributes:
        first, second: plaquettes of each pair, (pairs,).
        beside: plaquettes of the pairs beside it, (pairs, FROZEN).
        next: pairs of the same colour, (pairs, MOVED).
    """

    first: Tensor
    second: Tensor
    beside: Tensor
    next: Tensor


def pairs_of(layer: int, shape: tuple[int, ...]) -> Pairs:
    """List the pairs of a layer.

    Arguments:
        layer: its number from 0 on.
        shape: of the plaquettes, (L_t, L_s).

    Raises:
        InputError: for sides that are no multiples of 4, on which colours do not close.
    """
    if any(length % 4 for length in shape):
        raise InputError(
            "system", "shape", "sides that are multiples of 4, for pairs of plaquettes", list(shape)
        )
    axis, colour, begin = layer % 2, layer // 2 % 2, layer // 4 % 2
    rows, columns = shape[axis] // 2, shape[1 - axis]

    def plaquette(row: int, column: int, part: int) -> int:
        along, across = (2 * row + begin + part) % shape[axis], column % columns
        t, s = (along, across) if axis == 0 else (across, along)
        return t * shape[1] + s

    moved = [at for at in itertools.product(range(rows), range(columns)) if sum(at) % 2 == colour]
    number = {at: n for n, at in enumerate(moved)}
    beside = [[plaquette(r + dr, c + dc, part) for dr, dc in BESIDE for part in (0, 1)] for r, c in moved]
    same = [[number[(r + dr) % rows, (c + dc) % columns] for dr, dc in NEXT] for r, c in moved]
    first, second = ([plaquette(*at, part) for at in moved] for part in (0, 1))
    return Pairs(*map(torch.tensor, (first, second, beside, same)))
