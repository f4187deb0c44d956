r"""Functions of the lattice momentum: the basis in which kernels are learned, the same functions at any lattice size."""

import math

import numpy as np
import torch
from torch import Tensor

__all__ = ["basis", "cosines", "half_weights", "momentum_squared"]

OFFSET = 0.05
"""Hats are equidistant in ln(k^2 + OFFSET): the lowest shells of lattices up to L = 32 each have hats of their own."""
LOWEST = 0.08
"""k^2 + OFFSET at the first hat: the lowest shell of L = 36."""
TOLERANCE = 1e-9
"""Momenta squared that differ by less are one shell."""


def cosines(shape: tuple[int, ...]) -> Tensor:
    """Compute sum_mu cos k_mu in `rfftn` layout, float64."""
    parts = [np.cos(2 * np.pi * np.arange(length) / length) for length in shape]
    parts[-1] = parts[-1][: shape[-1] // 2 + 1]
    return torch.from_numpy(sum(np.meshgrid(*parts, indexing="ij")))


def momentum_squared(shape: tuple[int, ...]) -> Tensor:
    r"""Compute :math:`\hat k^2 = 2 \sum_\mu (1 - \cos k_\mu)` in `rfftn` layout, float64."""
    return 2 * (len(shape) - cosines(shape))


def half_weights(shape: tuple[int, ...]) -> Tensor:
    """Count how often each mode in `rfftn` layout occurs in the full transform: 2 but at the ends of the last axis."""
    last = torch.full((shape[-1] // 2 + 1,), 2.0, dtype=torch.float64)
    last[0] = 1.0
    if shape[-1] % 2 == 0:
        last[-1] = 1.0
    return last.expand(*shape[:-1], -1)


def basis(shape: tuple[int, ...], hats: int, shells: int) -> Tensor:
    """Build basis functions of the momentum, (1 + shells + hats, *half shape), which sum to 1 at every momentum.

    The first is the zero mode alone, then one for each of the lowest `shells` of equal momentum squared; the rest are
    piecewise linear hats in ln(k^2 + OFFSET).
    """
    squared = momentum_squared(shape)
    lowest = _shells(squared)[1 : 1 + shells]
    single = [(squared - value).abs() < TOLERANCE for value in (0.0, *lowest)]
    rest = ~torch.stack(single).any(0)
    position = (squared + OFFSET).log()
    first, last = math.log(LOWEST), math.log(4 * len(shape) + OFFSET)
    scaled = ((position - first) / (last - first) * (hats - 1)).clamp(0, hats - 1)
    tents = [(1 - (scaled - number).abs()).clamp(min=0) * rest for number in range(hats)]
    return torch.stack([*(part.double() for part in single), *tents])


def _shells(squared: Tensor) -> list[float]:
    """List the values of the momentum squared, ascending."""
    ordered = squared.flatten().sort().values
    new = torch.cat([torch.tensor([True]), ordered.diff() > TOLERANCE])
    return ordered[new].tolist()
