"""A flow from the Gaussian of the gap equation to exp(-S), trained on the action alone.

The velocity is a translation-invariant, odd sum of sines (after M. Gerdes et al., arXiv:2207.00283) that is linear in some
hundred weights, and divergence and score are known in closed form: so the weights are fitted by least squares, round by
round, instead of a gradient descent through the solver.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from emulant.contracts.family import Samples
from emulant.contracts.system import System
from emulant.families._from_gaussian import OnPath
from emulant.networks.ridges.integration import (
    Response,
    integrated_backward,
    integrated_forward,
    integrated_with_response,
)
from emulant.networks.ridges.least_squares import gauss_newton_step
from emulant.networks.ridges.velocity import Kernels, Velocity
from emulant.transport.gaussian_start import GaussianStart, half_modes

__all__ = ["Model"]


class Ridges(nn.Module):
    """The weights theta of the velocity.

    Arguments:
        velocity: what they multiply.
        polynomials: of time.
    """

    def __init__(self, velocity: Velocity, polynomials: int) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.zeros(*velocity.overlaps.shape, polynomials))
        # In a tuple, so that it is no part of this module.
        self.velocity = (velocity,)

    def forward(self, t: float) -> Kernels:
        """Evaluate the kernels at a time."""
        return self.velocity[0].kernels(self.theta, t)


class Model(OnPath):
    """Samples of the flow with their log q.

    Arguments:
        settings: the model block.
        start: the Gaussian that the flow begins with.
        system: whose action is learned; only a training needs it.
    """

    network: Ridges

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: System | None = None) -> None:
        super().__init__(settings, start, system)
        power = half_modes(1 / start.inverse_power)
        self.velocity = Velocity(power, start.shape, settings["hats"], settings["shells"])
        self.network = Ridges(self.velocity, settings["polynomials"])

    @property
    def evaluations(self) -> int:
        """Velocities for each sample: four stages a step."""
        return 4 * self.settings["generation"]["steps"]

    @property
    def operations(self) -> float:
        """Floating-point operations for each sample."""
        return self.evaluations * self.velocity.operations

    @property
    def training_operations(self) -> float:
        """Floating-point operations of the training: with score and responses a velocity costs about three times as much."""
        fit = self.settings["fit"]
        return self.rounds * fit["samples"] * 4 * fit["steps"] * 3 * self.velocity.operations

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Make one Gauss-Newton step on fresh samples; returns their number and the loss before it.

        The loss is the mean of log q + S_t of the action S_t of this round, less (1 - t) ln Z_0.
        """
        fit = self.settings["fit"]
        action = self.start.on_path(self.system.action, self.part_of(number))
        fields = self.start.sample(fit["samples"], generator)
        parts = [self._responding(part) for part in self.portions(fields)]
        log_q = self.start.log_density(fields) + torch.cat([part.change for part in parts])
        log_weight = -torch.cat([action(part.fields) for part in parts]) - log_q
        responses = torch.cat([part.responses for part in parts])
        step = gauss_newton_step(responses, log_weight, self.settings["polynomials"], fit["ridge"])
        self.network.theta += step.reshape(self.network.theta.shape).to(self.network.theta.dtype)
        return {"examples": fit["samples"], "loss": -float(log_weight.mean())}

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q."""
        fields, log_q = self.drawn(count, generator, self.settings["generation"]["steps"])
        return Samples(fields, log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of fields (N, *site_shape), (N,) float64."""
        steps = self.settings["generation"]["steps"]
        parts = [
            integrated_backward(self.velocity, self.network, part, steps) for part in self.portions(fields)
        ]
        return torch.cat([self.start.log_density(latent) + change for latent, change in parts])

    def drawn(self, count: int, generator: torch.Generator, steps: int) -> tuple[Tensor, Tensor]:
        """Draw samples (count, *site_shape) and their log q."""
        latents = self.start.sample(count, generator)
        parts = [
            integrated_forward(self.velocity, self.network, part, steps) for part in self.portions(latents)
        ]
        fields, changes = (torch.cat(column) for column in zip(*parts, strict=True))
        return fields, self.start.log_density(latents) + changes

    def _responding(self, latents: Tensor) -> Response:
        """Move fields of the Gaussian with their score and the response of log q to the weights."""
        score, steps = self.start.score(latents), self.settings["fit"]["steps"]
        return integrated_with_response(self.velocity, self.network, latents, score, steps)
