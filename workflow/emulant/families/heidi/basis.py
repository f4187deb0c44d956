"""Orthonormal functions of standard normal variables, in which the momentum of a particle is expanded."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["Basis", "degrees_of_basis"]

RADIAL, ALONG = 2, 5
"""Number of Laguerre polynomials in r^2 / 2, and of Hermite polynomials in the rapidity's score, of the expansion.

Its cost grows with their product in every step of the flow; what they omit only makes the conditioning less sharp."""


class Basis:
    """Orthonormal functions of standard normal variables x (N, slots, 3), as (N, functions, slots).

    They are L_j h_c, x_1 L'_j h_c and x_2 L'_j h_c, with L_j and L'_j Laguerre polynomials of order 0 and 1 in
    (x_1^2 + x_2^2) / 2, and h_c Hermite polynomials in x_3.
    """

    def __init__(self, x: Tensor) -> None:
        # Contiguous, as every function is computed from them.
        self.x1, self.x2, along = x.movedim(-1, 0).contiguous()
        square = (self.x1**2 + self.x2**2) / 2
        zeroth, first, second = (_laguerre(square, order) for order in range(3))
        norms = [1 / math.sqrt(j + 1) for j in range(RADIAL)]
        self.zeroth, self.first = zeroth, [norm * part for norm, part in zip(norms, first, strict=True)]
        # dL_j^(k) / ds = -L_{j-1}^(k+1).
        self.zeroth_slope = [-part for part in first[: RADIAL - 1]]
        self.first_slope = [-norm * part for norm, part in zip(norms[1:], second[: RADIAL - 1], strict=True)]
        self.along = [torch.ones_like(along), along]
        for c in range(1, ALONG - 1):
            self.along.append((along * self.along[c] - math.sqrt(c) * self.along[c - 1]) / math.sqrt(c + 1))
        self.along_slope = [math.sqrt(c) * self.along[c - 1] for c in range(1, ALONG)]

    def values(self) -> Tensor:
        """Return all functions, (N, functions, slots)."""
        along = torch.stack(self.along, dim=1).unsqueeze(1)
        zeroth, first = (torch.stack(part, dim=1).unsqueeze(2) for part in (self.zeroth, self.first))
        first = first * along
        parts = (zeroth * along, self.x1[:, None, None] * first, self.x2[:, None, None] * first)
        return torch.cat([part.flatten(1, 2) for part in parts], dim=1)

    def gradient(self, weights: Tensor) -> Tensor:
        """Compute the gradient (N, slots, 3) of the sum of all functions with weights (N, functions, slots)."""
        zeroth, first, second = weights.unflatten(1, (3, RADIAL, ALONG)).unbind(1)
        transverse = self.x1[:, None, None] * first + self.x2[:, None, None] * second
        zeroth_sums, first_sums, second_sums, transverse_sums = (
            _contracted(part, self.along) for part in (zeroth, first, second, transverse)
        )
        outward = _combined(zeroth_sums[1:], self.zeroth_slope) + _combined(
            transverse_sums[1:], self.first_slope
        )
        slope = [_contracted(part[:, :, 1:], self.along_slope) for part in (zeroth, transverse)]
        along = _combined(slope[0], self.zeroth) + _combined(slope[1], self.first)
        direct = (_combined(part, self.first) for part in (first_sums, second_sums))
        transverse_gradient = (
            x * outward + direct_part for x, direct_part in zip((self.x1, self.x2), direct, strict=True)
        )
        return torch.stack([*transverse_gradient, along], dim=-1)


def _contracted(weights: Tensor, along: list[Tensor]) -> list[Tensor]:
    """Contract weights (N, RADIAL, c, slots) with functions (N, slots) over c, for each radial index."""
    return [_combined(part.unbind(1), along) for part in weights.unbind(1)]


def _combined(weights: Sequence[Tensor], functions: Sequence[Tensor]) -> Tensor:
    """Sum the products of weights and functions."""
    total = weights[0] * functions[0]
    for weight, function in zip(weights[1:], functions[1:], strict=True):
        total = torch.addcmul(total, weight, function)
    return total


def _laguerre(square: Tensor, order: int) -> list[Tensor]:
    """Compute the generalised Laguerre polynomials L_j of this order, j < RADIAL."""
    polynomials = [torch.ones_like(square), 1 + order - square]
    for j in range(1, RADIAL - 1):
        polynomials.append(
            ((2 * j + 1 + order - square) * polynomials[-1] - (j + order) * polynomials[-2]) / (j + 1)
        )
    return polynomials[:RADIAL]


def degrees_of_basis() -> Tensor:
    """Return the degree of each function; the constant, whose coefficient here is 0, is assigned 1."""
    radial, along = torch.meshgrid(torch.arange(RADIAL), torch.arange(ALONG), indexing="ij")
    degree = (2 * radial + along).flatten()
    return torch.cat([degree.clamp_min(1), degree + 1, degree + 1])
