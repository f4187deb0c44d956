"""The velocity that carries exp(-S_t) along S_t = (1 - t) S_0 + t S, by least squares of the continuity equation."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from emulant.networks.ridges.least_squares import gauss_newton_step
from emulant.networks.ridges.velocity import Velocity
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["Continuity", "continuity"]


class Continuity(NamedTuple):
    """The equation div v - v . grad S_t = dS_t/dt - <dS_t/dt> at fields of exp(-S_t), for v linear in its weights.

    Attributes:
        columns: minus div v + v . grad S_t of each weight, (N, weights).
        slope: dS_t/dt, (N,) float64.
    """

    columns: Tensor
    slope: Tensor

    def solution(self, ridge: float) -> Tensor:
        """Weights of the least squares, (weights,) float64."""
        return gauss_newton_step(self.columns, -self.slope, 1, ridge)

    def residual(self, theta: Tensor) -> float:
        """Part of the variance of dS_t/dt that weights leave."""
        left = self.slope + self.columns.double() @ theta.double().flatten()
        return float(left.var() / self.slope.var())


def continuity(
    velocity: Velocity, start: GaussianStart, system: Any, portions: Sequence[Tensor], t: float
) -> Continuity:
    """Evaluate the equation at fields of exp(-S_t), which come in portions (n, *shape)."""
    none = torch.zeros(*velocity.overlaps.shape, 1, device=velocity.overlaps.device)
    at_rest, columns, slopes = velocity.kernels(none, 0.5), [], []
    for fields in portions:
        score = (1 - t) * start.score(fields) - t * system.gradient(fields)
        columns.append(velocity.responses(fields, score, at_rest).flatten(1))
        slopes.append(system.action(fields).double() - start.action(fields))
    return Continuity(torch.cat(columns), torch.cat(slopes))
