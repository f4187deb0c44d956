"""Symmetries of spins on a two-dimensional torus, as maps of a batch (N, L_y, L_x) that move all configurations alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emulant.gauge.arrays import wrapped
from emulant.scalar.symmetry import reflected_and_exchanged

if TYPE_CHECKING:
    import torch

__all__ = ["OF_LATTICE", "inverted_and_exchanged", "mirrored", "translated", "turned", "turned_over"]


def translated(spins: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Move by a random vector."""
    return spins.roll([_below(length, generator) for length in spins.shape[1:]], (1, 2))


def turned_over(spins: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Change the sign of all by chance."""
    return -spins if _below(2, generator) else spins


def inverted_and_exchanged(spins: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Turn the triangular lattice by half a turn by chance, and exchange its axes, where they are alike, by chance.

    Both leave the diagonal (1, 1) alone; a reflection of one axis does not.
    """
    if _below(2, generator):
        spins = spins.flip((1, 2))
    if spins.shape[1] == spins.shape[2] and _below(2, generator):
        spins = spins.transpose(1, 2)
    return spins.contiguous()


def turned(angles: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Turn all angles of a configuration by one random angle, each configuration by its own."""
    from torch import rand

    turns = rand((len(angles), 1, 1), generator=generator, device=angles.device, dtype=angles.dtype)
    return wrapped(angles + 2 * math.pi * turns)


def mirrored(angles: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Change the sign of all angles by chance."""
    return wrapped(-angles) if _below(2, generator) else angles


OF_LATTICE = {
    "square": (translated, reflected_and_exchanged),
    "triangular": (translated, inverted_and_exchanged),
}
"""Symmetries that move sites."""


def _below(count: int, generator: torch.Generator) -> int:
    """Draw a whole number below `count`."""
    from torch import randint

    return int(randint(count, (), generator=generator, device=generator.device))
