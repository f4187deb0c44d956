"""Symmetries of angles on links, as maps of a batch (N, 2, L_t, L_s) that move all its configurations alike.

A link has a direction: a reflection turns it round, and an exchange of the axes exchanges its components.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emulant.gauge.arrays import wrapped

if TYPE_CHECKING:
    import torch

__all__ = [
    "axes_exchanged",
    "conjugated",
    "gauge_transformed",
    "reflected",
    "rotated",
    "transformed",
    "translated",
]


def transformed(links: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Transform links by the gauge angles alpha of each site, (N, L_t, L_s): theta_mu(x) + alpha(x) - alpha(x + mu)."""
    ahead = (angles.roll(-1, -2), angles.roll(-1, -1))
    return wrapped(links + _stacked(*(angles - moved for moved in ahead)))


def gauge_transformed(links: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Transform each configuration by random gauge angles of its own."""
    from torch import rand

    shape = (len(links), *links.shape[2:])
    turns = rand(shape, generator=generator, device=links.device, dtype=links.dtype)
    return transformed(links, 2 * math.pi * turns)


def translated(links: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Move by a random vector."""
    return links.roll([_below(length, generator) for length in links.shape[2:]], (-2, -1))


def reflected(links: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Reflect by chance in time and in space; links along the axis change direction, and with it sign and site."""
    time, space = links[:, 0], links[:, 1]
    if _below(2, generator):
        time, space = -time.flip(-2), space.flip(-2).roll(1, -2)
    if _below(2, generator):
        time, space = time.flip(-1).roll(1, -1), -space.flip(-1)
    return wrapped(_stacked(time, space))


def axes_exchanged(links: torch.Tensor) -> torch.Tensor:
    """Exchange time and space of a square lattice: sites and components."""
    return _stacked(links[:, 1].transpose(-2, -1), links[:, 0].transpose(-2, -1))


def rotated(links: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Exchange time and space by chance, where they are alike; with reflections this is every rotation."""
    square = links.shape[-2] == links.shape[-1]
    return axes_exchanged(links) if square and _below(2, generator) else links


def conjugated(links: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Conjugate the charge by chance: all angles change sign."""
    return wrapped(-links) if _below(2, generator) else links


def _below(count: int, generator: torch.Generator) -> int:
    """Draw a whole number below `count`."""
    from torch import randint

    return int(randint(count, (), generator=generator, device=generator.device))


def _stacked(time: torch.Tensor, space: torch.Tensor) -> torch.Tensor:
    """Put the two components together."""
    from torch import stack

    return stack([time, space], 1)
