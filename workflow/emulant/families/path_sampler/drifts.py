r"""Drifts of the paths: the force of S_t = (1 - t) S_0 + t S at each node, and learned corrections ahead and back.

.. math:: f_k = -\tfrac{1}{2} n_k^2 \nabla S_{t_k} + u^F_k, \qquad
    b_{k+1} = -\tfrac{1}{2} n_k^2 \nabla S_{t_{k+1}} + u^B_{k+1}

Without corrections the steps are reversible as the noise goes to zero. Per unit of time a correction holds the velocity
of the transport, +v ahead and -v back, divided by the length of the step; what else it holds is the error of the step.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from emulant.networks.ridges.drift import drift_modes, drifts_of, overlaps_with
from emulant.networks.ridges.velocity import Velocity
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["AHEAD", "BACK", "Corrections", "GuidedDrifts"]

AHEAD, BACK = 0, 1


class Corrections(nn.Module):
    """Weights of both corrections at each node, and the noise between two nodes.

    Arguments:
        velocity: channels and functions of momentum.
        levels: steps of a path.
        largest: bound of the noise.
        noise: at first, a part of the bound, the same at every level.
        rounds: of whole paths, for the record of a training.

    Attributes:
        theta: weights ahead and back, (2, nodes, channels, functions).
        logit: of the noise over its bound, (levels,).
        history: `statistics.entropy_production.Reversibility` of the paths before each round, (rounds, 6).
    """

    history: Tensor

    def __init__(self, velocity: Velocity, levels: int, largest: float, noise: float, rounds: int) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.zeros(2, levels + 1, *velocity.overlaps.shape))
        self.logit = nn.Parameter(torch.full((levels,), math.log(noise / (1 - noise))))
        self.register_buffer("history", torch.zeros(rounds, 6, dtype=torch.float64))
        # In a tuple, so that it is no part of this module.
        self.velocity, self.largest = (velocity,), largest

    def forward(self, node: int, modes: Tensor) -> Tensor:
        """Evaluate the corrections ahead and back of fields with these `modes`, (2, N, *shape)."""
        return drifts_of(self.velocity[0], modes, self.theta[:, node])

    def modes(self, fields: Tensor) -> Tensor:
        """Evaluate what both corrections and all weights need of fields (N, *shape)."""
        return drift_modes(self.velocity[0], fields)

    def overlaps(self, modes: Tensor, covector: Tensor) -> Tensor:
        """Compute what a covector (N, *shape) has along the correction of each weight, (N, weights)."""
        return overlaps_with(self.velocity[0], modes, covector).flatten(1)

    def noise(self, level: int) -> Tensor:
        """Standard deviation of the noise, between 0 and the bound."""
        return self.largest * self.logit[level].sigmoid()


class GuidedDrifts:
    """Kernels of `transport.langevin_paths`.

    Arguments:
        start: S_0.
        gradient: of S.
        times: of the nodes.
        corrections: learned.
    """

    def __init__(
        self,
        start: GaussianStart,
        gradient: Callable[[Tensor], Tensor],
        times: list[float],
        corrections: Corrections,
    ) -> None:
        self.start, self.gradient, self.times, self.corrections = start, gradient, times, corrections

    def displacements(self, node: int, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Displacements of the step ahead of a node and of the one back from it."""
        return self.corrected(node, fields, self.corrections.modes(fields))

    def corrected(self, node: int, fields: Tensor, modes: Tensor) -> tuple[Tensor, Tensor]:
        """Displacements at fields whose `modes` are there already."""
        t, last = self.times[node], len(self.times) - 2
        force = (1 - t) * self.start.score(fields) - t * self.gradient(fields)
        ahead, back = self.corrections(node, modes)
        return (
            0.5 * self.noise(min(node, last)) ** 2 * force + ahead,
            0.5 * self.noise(max(node - 1, 0)) ** 2 * force + back,
        )

    def noise(self, level: int) -> Tensor:
        """Standard deviation of the noise of a step."""
        return self.corrections.noise(level)
