"""The target of the two families for points of a plane: the samples' own exact score, over noise levels and points."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.families._table import NodeTable, cumulative_shares
from emulant.transport.empirical_plane import PlaneHistogram

__all__ = ["FINEST", "LEVELS", "START", "PlanarTable", "levels"]

LEVELS, POINTS, REACH = 48, 121, 5.0
"""Noise levels, an eighth apart in their logarithm, points an axis, a twelfth of a deviation apart, and where these end, in
deviations: the density of a Gaussian is below TRUSTED there."""

FINEST, START = 0.03, 10.0
"""Ends of the noise levels in units of the deviations; the finest changes second moments by 10⁻³, and at the first 1 %
of the variance is that of the samples."""

SHARP = 0.15
"""Noise, in units of the deviations, below which the samples' own score is rough and weighs less."""

TRUSTED = 1e-5
"""Density, in units of the deviations, at which the table ends: fewer samples lie there than tell a score."""

Whitening = Callable[[Tensor], Tensor]


def levels() -> Tensor:
    """Noise levels of the table, (LEVELS,)."""
    return torch.logspace(math.log10(FINEST), math.log10(START), LEVELS, dtype=torch.float64)


@dataclass(frozen=True)
class PlanarTable(NodeTable):
    """The target over the plane.

    Attributes:
        v: whitened points, (n, 2).
        noise: level, (n,).
        target: n(v, s), (n, 2).
        density: of the points, in units of the deviations, (n,).
    """

    v: Tensor
    noise: Tensor
    target: Tensor
    density: Tensor

    @classmethod
    def of(cls, histogram: PlaneHistogram, whitening: Whitening) -> Self:
        """Tabulate the score of training points.

        The weight is the root of the density, less at noise so small that the samples' own score is rough.

        Arguments:
            histogram: of the points in units of their deviations.
            whitening: noise (n,) -> (C + s²)^{-1/2}, (n, 2, 2).
        """
        columns = zip(*(_level(histogram, whitening, s) for s in levels().tolist()), strict=True)
        v, noise, target, weight, density = (torch.cat(column) for column in columns)
        return cls(cumulative_shares(weight), v.float(), noise, target.float(), density)

    @property
    def reach(self) -> Tensor:
        """The largest |v|; infinite without nodes."""
        if not len(self):
            return torch.tensor(math.inf, dtype=torch.float64)
        return self.v.double().norm(dim=1).max()

    def at_level(self, s: Tensor) -> Self:
        """Nodes of one noise level."""
        return self.where(self.noise == s)


def _level(histogram: PlaneHistogram, whitening: Whitening, s: float) -> tuple[Tensor, ...]:
    """Compute v, noise, target, weight and density of the trusted nodes of one level, in half of the plane."""
    spread = math.sqrt(1 + s**2)
    axis = spread * torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
    mean, density = histogram.posterior_means(axis, axis, s)
    u = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), dim=-1).reshape(-1, 2)
    density = density.flatten() * spread**2
    trusted = (density > TRUSTED) & (u[:, 0] >= 0)
    u, mean, density = u[trusted], mean.reshape(-1, 2)[trusted], density[trusted]
    noise = torch.full((len(u),), s, dtype=torch.float64)
    root = whitening(noise)
    score = (mean - u) / s**2
    v = torch.einsum("nij,nj->ni", root, u)
    target = spread * (torch.linalg.solve(root, score[..., None])[..., 0] + v)
    return v, noise, target, density.sqrt() * s**2 / (s**2 + SHARP**2), density
