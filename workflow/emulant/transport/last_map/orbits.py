"""Orbits of waves under the symmetries of a lattice: reflections, and exchanges of axes of equal length."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

__all__ = ["Orbits"]


@dataclass(frozen=True)
class Orbits:
    """The orbits, the longest waves first; the constant is the first.

    Attributes:
        label: of each mode in `rfftn` layout, (*half shape) int64.
        multiplicity: how often the mode is in the whole transform, (*half shape) float64.
        sizes: waves of each orbit, (orbits,) float64.
    """

    label: Tensor
    multiplicity: Tensor
    sizes: Tensor

    @classmethod
    def of(cls, site_shape: tuple[int, ...]) -> Self:
        """Those of a torus."""
        numbers = [torch.minimum(k, n - k) for n, k in ((n, torch.arange(n)) for n in site_shape)]
        numbers[-1] = numbers[-1][: site_shape[-1] // 2 + 1]
        key = torch.stack(torch.meshgrid(*numbers, indexing="ij"))
        for length in set(site_shape):
            axes = [axis for axis, size in enumerate(site_shape) if size == length]
            key[axes] = key[axes].sort(0).values
        square = sum((n / size) ** 2 for n, size in zip(key.double(), site_shape, strict=True))
        rows = torch.cat([square[None], key.double()]).flatten(1)
        label = torch.unique(rows, dim=1, return_inverse=True)[1].reshape(square.shape)
        last = torch.full((site_shape[-1] // 2 + 1,), 2.0, dtype=torch.float64)
        last[0] = 1.0
        if site_shape[-1] % 2 == 0:
            last[-1] = 1.0
        multiplicity = last.expand(square.shape)
        sizes = torch.bincount(label.flatten(), multiplicity.flatten())
        return cls(label, multiplicity, sizes)

    def powers(self, modes: Tensor) -> Tensor:
        """Mean |phi_p|^2 over each orbit, modes (N, *half shape) -> (N, orbits) float64."""
        square = (modes.abs().double().square() * self.multiplicity.to(modes.device)).flatten(1)
        total = square.new_zeros(len(modes), len(self.sizes))
        total.index_add_(1, self.label.flatten().to(modes.device), square)
        return total / self.sizes.to(modes.device)
