"""Real, orthonormal waves of the longest wavelengths that fit on a torus."""

import itertools
import math

import torch
from torch import Tensor

__all__ = ["longest_waves"]

EMPTY = 1e-9
"""Square of the norm, over the number of sites, of a sine that vanishes on every site."""


def longest_waves(site_shape: tuple[int, ...], shells: int) -> tuple[Tensor, Tensor]:
    """The waves of the first shells, those of equal n^2 for wave numbers 2 pi n/L, with the constant as the first.

    Returns:
        waves: (W, *site_shape) float64, orthonormal.
        shell: number of the shell of each wave, (W,).
    """
    grids = torch.meshgrid(
        *[torch.arange(size, dtype=torch.float64) / size for size in site_shape], indexing="ij"
    )
    # n and -n are the same waves.
    numbers = [n for n in itertools.product(*map(range, site_shape)) if n <= _opposite(n, site_shape)]
    squares = [_square(n, site_shape) for n in numbers]
    longest = sorted(set(squares))[:shells]
    waves, shell = [], []
    for square, n in sorted(zip(squares, numbers, strict=True)):
        if square > longest[-1]:
            break
        phase = 2 * math.pi * sum(k * grid for k, grid in zip(n, grids, strict=True))
        real = [wave for wave in (phase.cos(), phase.sin()) if wave.square().mean() > EMPTY]
        waves += [wave / wave.norm() for wave in real]
        shell += [longest.index(square)] * len(real)
    return torch.stack(waves), torch.tensor(shell)


def _opposite(n: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-k % size for k, size in zip(n, shape, strict=True))


def _square(n: tuple[int, ...], shape: tuple[int, ...]) -> int:
    return sum(min(k, size - k) ** 2 for k, size in zip(n, shape, strict=True))
