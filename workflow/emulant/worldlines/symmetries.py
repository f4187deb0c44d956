"""Symmetries of dual variables at any chemical potential, as maps of a batch (N, 2d, *shape) that move all alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["mirrored", "reversed_in_time", "translated"]


def translated(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Move by a random vector."""
    shifts = [_below(length, generator) for length in batch.shape[2:]]
    return batch.roll(shifts, tuple(range(2, batch.ndim)))


def mirrored(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Reflect each direction of space by chance, which turns its k round."""
    for axis in range(batch.shape[1] // 2 - 1):
        if _below(2, generator):
            batch = _reflected(batch, axis)
            batch[:, axis] *= -1
    return batch


def reversed_in_time(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Reflect time and charge together by chance: k in time stays, k in space turns round."""
    time = batch.shape[1] // 2 - 1
    if _below(2, generator):
        batch = _reflected(batch, time)
        batch[:, :time] *= -1
    return batch


def _reflected(batch: torch.Tensor, axis: int) -> torch.Tensor:
    """Send site x to -x along an axis, and the link (x, x + 1) of this axis to (-x - 1, -x); a copy."""
    directions = batch.shape[1] // 2
    flipped = batch.flip(axis + 2)
    moved = flipped.roll(1, axis + 2)
    for channel in (axis, axis + directions):
        moved[:, channel] = flipped[:, channel]
    return moved


def _below(count: int, generator: torch.Generator) -> int:
    """Draw a whole number below `count`."""
    from torch import randint

    return int(randint(count, (), generator=generator, device=generator.device))
