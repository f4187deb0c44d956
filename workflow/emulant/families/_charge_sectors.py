"""Maps of two charges over p_T and azimuth, split by what exchanges of charges, half turns and mirrors do to them.

A sector is even or odd under the exchange of charges, under phi -> phi + pi, and under phi -> -phi, 8 in all; the basis is
orthonormal. What maps sectors to themselves commutes with all three. A charge separation, (1, -1) sin phi, is odd under
each.
"""

import torch
from torch import Tensor

__all__ = ["EVEN", "SEPARATION", "Sectors"]

EVEN, SEPARATION = 0, 7
"""Sectors that are even, or odd, under everything."""


class Sectors:
    """The basis for maps (..., 2, p_T, azimuth).

    Arguments:
        shape: (2, bins of p_T, bins of azimuth from -pi), the last divisible by four.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, (_, self.pt, azimuths) = tuple(shape), shape
        self.azimuth = _azimuthal_basis(azimuths)

    @property
    def size(self) -> int:
        """Coordinates of a sector."""
        return self.pt * self.shape[2] // 4

    def split(self, maps: Tensor) -> Tensor:
        """Return coordinates (8, ..., size) of maps (..., 2, p_T, azimuth)."""
        positive, negative = maps.unbind(-3)
        charges = torch.stack([positive + negative, positive - negative]) / 2**0.5
        parts = torch.einsum("c...pa,sqa->cs...pq", charges, self.azimuth.to(maps))
        return parts.flatten(-2).flatten(0, 1)

    def joined(self, coordinates: Tensor) -> Tensor:
        """Return the maps of coordinates (8, ..., size)."""
        parts = coordinates.unflatten(0, (2, 4)).unflatten(-1, (self.pt, -1))
        even, odd = torch.einsum("cs...pq,sqa->c...pa", parts, self.azimuth.to(parts)) / 2**0.5
        return torch.stack([even + odd, even - odd], dim=-3)


def _azimuthal_basis(count: int) -> Tensor:
    """Orthonormal vectors (4, count / 4, count): even or odd under half a turn, times even or odd under the mirror."""
    quarter = torch.arange(count // 4)
    images = torch.stack([quarter, count - 1 - quarter, quarter + count // 2, count // 2 - 1 - quarter], 1)
    signs = torch.tensor([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
    basis = torch.zeros(4, count // 4, count, dtype=torch.float64)
    for sector, values in enumerate(signs.double()):
        basis[sector].scatter_(1, images, values.expand(len(quarter), 4))
    return basis
