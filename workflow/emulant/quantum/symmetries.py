"""Symmetries of closed paths in imaginary time, as maps of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["reversed_in_time", "translated"]


def reversed_in_time(paths: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Let a batch (n, N) run backwards, by chance; all paths are moved alike."""
    return paths.flip(1) if _number(2, generator) else paths


def translated(paths: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Let a batch (n, N) begin at another time; all paths are moved alike."""
    return paths.roll(_number(paths.shape[1], generator), 1)


def _number(below: int, generator: torch.Generator) -> int:
    """A whole number by chance."""
    # Whoever measures paths needs no torch.
    from torch import randint

    return int(randint(below, (), generator=generator, device=generator.device))
