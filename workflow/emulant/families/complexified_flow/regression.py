"""Least squares of the velocity on a path from noise to data, each mode by itself."""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.families.complexified_flow.covariants import PARITIES, covariants
from emulant.families.complexified_flow.modes import symmetrised
from emulant.families.complexified_flow.pair_law import PairLaw

__all__ = ["CHUNK", "Moments", "solved"]

CHUNK = 2048
"""Configurations whose covariants are in memory at a time: some tens of megabytes at 8 x 8."""


@dataclass(frozen=True)
class Moments:
    """Second moments of columns F and targets T of each mode, averages over the symmetries of the law.

    Attributes:
        gram: <F^* F>, (*shape, columns, columns) complex128.
        overlap: <F^* T>, (*shape, columns, 2).
    """

    gram: Tensor
    overlap: Tensor

    @classmethod
    def at(cls, law: PairLaw, data: Tensor, angle: float, generator: torch.Generator) -> Self:
        """Moments of covariants and of velocities over cos(angle), at noise in pairs (z, -z).

        Arguments:
            law: the Gaussian at one chemical potential.
            data: modes of unit covariance, (N, 1, 2, *shape).
            angle: theta of the path cos(theta) z + sin(theta) data.
            generator: of the noise.
        """
        cosine, sine = math.cos(angle), math.sin(angle)
        gram, overlap = 0.0, 0.0
        for y in data.split(CHUNK):
            noise = torch.randn(y.shape, generator=generator, device=y.device, dtype=y.dtype)
            for z in (noise, -noise):
                columns = covariants(law, cosine * z + sine * y)[:, 0].movedim((0, 1), (-2, -1))
                target = (y - sine / cosine * z)[:, 0].movedim((0, 1), (-2, -1))
                adjoint = columns.mH
                gram = gram + (adjoint @ columns).to(torch.complex128)
                overlap = overlap + (adjoint @ target).to(torch.complex128)
        dimension, count = law.dimension, 2 * len(data)
        return cls(
            symmetrised(gram / count, PARITIES, PARITIES, dimension),
            symmetrised(overlap / count, PARITIES, PARITIES[:2], dimension),
        )

    def times(self, polynomials: Tensor, weight: float) -> Self:
        """Those of columns times each of the polynomials (terms,), weighted."""
        terms = polynomials.to(self.gram)
        gram = weight * torch.einsum("...ij,a,b->...iajb", self.gram, terms, terms)
        overlap = weight * torch.einsum("...io,a->...iao", self.overlap, terms)
        return type(self)(gram.flatten(-4, -3).flatten(-2, -1), overlap.flatten(-3, -2))


def solved(moments: Moments, ridge: float) -> Tensor:
    """Solve for the weights (*shape, columns, 2), with a ridge in units of the mean square of a column."""
    scale = torch.diagonal(moments.gram, dim1=-2, dim2=-1).real.sqrt().to(moments.gram.dtype)
    gram = moments.gram / scale[..., :, None] / scale[..., None, :]
    gram = gram + ridge * torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device)
    return torch.linalg.solve(gram, moments.overlap / scale[..., None]) / scale[..., None]
