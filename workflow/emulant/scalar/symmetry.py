"""Symmetries of a scalar field on a periodic lattice, as maps of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["reflected_and_exchanged"]


def reflected_and_exchanged(fields: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Reflect a batch (N, *site_shape) by chance along each axis, and exchange axes as long as the first by chance.

    All fields of a batch are moved alike. Only scalars are moved by moving their sites: components of a vector would have
    to be exchanged too.
    """
    # Whoever measures fields needs no torch.
    from torch import rand

    coins = rand(2 * fields.ndim, generator=generator, device=fields.device) < 0.5
    for axis in range(1, fields.ndim):
        if coins[axis]:
            fields = fields.flip(axis)
        if axis > 1 and fields.shape[axis] == fields.shape[1] and coins[fields.ndim + axis]:
            fields = fields.transpose(1, axis)
    return fields.contiguous()
