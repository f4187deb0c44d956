"""The target of the family for one site: the residual of the samples' own denoiser, over noise levels and fields."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.families._table import NodeTable, cumulative_shares
from emulant.transport.empirical import posterior_means

__all__ = ["LEVELS", "SiteTable"]

LEVELS, POINTS, REACH = 128, 257, 6.0
"""Noise levels and points x >= 0 of the table, 43 in a standard deviation of x, and where these end, in deviations: the
density of a Gaussian is below TRUSTED there."""

TRUSTED = 1e-5
"""Density at which the table ends, in units of x: fewer samples lie there than tell a score."""


@dataclass(frozen=True)
class SiteTable(NodeTable):
    """The target over magnitudes of the field.

    Attributes:
        x: noisy field, (n,).
        noise: s, (n,).
        target: F(x, s), (n,).
    """

    x: Tensor
    noise: Tensor
    target: Tensor

    @classmethod
    def of(cls, histogram: tuple[Tensor, Tensor], variance: float, levels: Sequence[float]) -> Self:
        """Tabulate the residual of training fields, LEVELS x POINTS nodes.

        The weight is the root of the density of x / √(v + s²), so that the gap between two peaks is learned too; where
        the samples are too few to tell, it is zero.

        Arguments:
            histogram: magnitudes of the fields and their shares.
            variance: v.
            levels: noise s.
        """
        columns = zip(*(_level(histogram, variance, s) for s in levels), strict=True)
        x, target, weight = (torch.cat(column) for column in columns)
        noise = torch.tensor(levels).repeat_interleave(POINTS)
        return cls(cumulative_shares(weight), x.float(), noise.float(), target.float())


def _level(histogram: tuple[Tensor, Tensor], variance: float, s: float) -> tuple[Tensor, Tensor, Tensor]:
    """X, F and weight at one noise level, each (POINTS,)."""
    spread = math.sqrt(variance + s**2)
    x = spread * torch.linspace(0, REACH, POINTS, dtype=torch.float64)
    mean, density = posterior_means(*histogram, x, s)
    target = (mean - variance * x / spread**2) * spread / (math.sqrt(variance) * s)
    density = density * spread
    return x, target, torch.where(density > TRUSTED, density.sqrt(), 0.0)
