"""Traces of Jacobians from vector-Jacobian products: exactly, or by Hutchinson's random signs."""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

__all__ = ["Probes", "gradient_of"]


@dataclass(frozen=True)
class Probes:
    """Vectors v with share * sum v v^T = 1, exactly or on average.

    Attributes:
        vectors: (probes, *site_shape) for all samples, or (probes, N, *site_shape).
        share: of each in the trace.
    """

    vectors: Tensor
    share: float

    @classmethod
    def units(cls, like: Tensor) -> Self:
        """Every unit vector of the sites of `like` (N, *site_shape): the trace is exact."""
        volume = math.prod(like.shape[1:])
        unit = torch.eye(volume, dtype=like.dtype, device=like.device)
        return cls(unit.reshape(volume, *like.shape[1:]), 1.0)

    @classmethod
    def signs(cls, like: Tensor, count: int, generator: torch.Generator) -> Self:
        """`count` vectors of random signs (M. F. Hutchinson, Commun. Stat. 18 (1989) 1059): right on average.

        Each sample has its own, so that a mean over samples averages their noise.
        """
        shape = (count, *like.shape)
        signs = 2 * torch.randint(0, 2, shape, generator=generator, device=like.device) - 1
        return cls(signs.to(like.dtype), 1 / count)

    def divergence(self, output: Tensor, leaf: Tensor) -> Tensor:
        """Compute the trace of d output / d leaf of each sample, (N,); it can be differentiated again."""
        products = (
            (gradient_of(output, leaf, vector.expand_as(output)) * vector).flatten(1).sum(1)
            for vector in self.vectors
        )
        return self.share * sum(products)


def gradient_of(output: Tensor, leaf: Tensor, cotangent: Tensor) -> Tensor:
    """Compute the vector-Jacobian product; 0 where the output does not depend on the leaf."""
    if not output.requires_grad:
        return torch.zeros_like(leaf)
    (gradient,) = torch.autograd.grad(
        output, leaf, cotangent, create_graph=True, allow_unused=True, materialize_grads=True
    )
    return gradient
