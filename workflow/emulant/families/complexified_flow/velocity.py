"""The velocity of the modes: covariants times weights, odd powers of s and powers of mu^2."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from emulant.families.complexified_flow.covariants import PARITIES
from emulant.worldlines.action import BoseGas

__all__ = ["Velocity", "polynomials"]

TIMES = (1, 3, 5)
"""Powers of s in the velocity: quadratic, quartic and sextic parts of log P."""


class Velocity(nn.Module):
    """The weights of the velocity of each mode.

    Arguments:
        shape: of the lattice.
        powers: of mu^2.
    """

    def __init__(self, shape: tuple[int, ...], powers: int) -> None:
        super().__init__()
        size = (*shape, len(PARITIES), len(TIMES) * powers, 2, 2)
        self.weights = nn.Parameter(torch.zeros(size))

    def forward(self, columns: Tensor, values: Tensor) -> Tensor:
        """Sum covariants (N, M, covariants, *shape) to (N, M, 2, *shape), with values (M, terms) of `polynomials`."""
        weights = torch.view_as_complex(self.weights.detach())
        kernels = torch.einsum("...fao,ma->m...fo", weights, values.to(weights))
        return torch.einsum("nmf...,m...fo->nmo...", columns, kernels)


def polynomials(s: float, gases: Sequence[BoseGas], powers: int) -> Tensor:
    """Odd powers of s times powers of mu^2, (M, terms) float64."""
    times = torch.tensor([s**power for power in TIMES], dtype=torch.float64)
    mu = torch.tensor([gas.mu**2 for gas in gases], dtype=torch.float64)
    return torch.einsum("a,mk->mak", times, torch.stack([mu**k for k in range(powers)], 1)).flatten(1)
