"""A flow from the Gaussian of the gap equation to exp(-S), trained on the action alone.

The velocity is a translation-invariant, odd sum of sines (after M. Gerdes et al., arXiv:2207.00283) that is linear in some
hundred weights, and divergence and score are known in closed form: so the weights are fitted by least squares, round by
round, instead of a gradient descent through the solver.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Samples
from emulant.contracts.system import System
from emulant.families._conditioned import Conditioned
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
        conditions: polynomials of the couplings.
    """

    def __init__(self, velocity: Velocity, polynomials: int, conditions: int) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.zeros(*velocity.overlaps.shape, polynomials * conditions))
        # In a tuple, so that it is no part of this module.
        self.velocity = (velocity,)

    def forward(self, t: float, conditions: Tensor) -> Kernels:
        """Evaluate the kernels at a time, where the polynomials of the couplings have the values (conditions,)."""
        theta = self.theta.double().unflatten(-1, (-1, len(conditions))) @ conditions
        return self.velocity[0].kernels(theta.to(self.theta.dtype), t)


class Model(Conditioned, OnPath):
    """Samples of the flow with their log q.

    Arguments:
        settings: the model block.
        start: the Gaussian that the flow begins with.
        system: whose action is learned; only a training needs it.
    """

    network: Ridges

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: System | None = None) -> None:
        super().__init__(settings, start, system)
        self.velocity = Velocity(half_modes(start.power), start.shape, settings["hats"], settings["shells"])
        self.network = Ridges(self.velocity, settings["polynomials"], len(self.conditions))

    def at(self, system: System) -> Self:
        """The same flow at other couplings: its Gaussian is theirs, its weights and its filters stay."""
        other = super().at(system)
        other.velocity = self.velocity
        return other

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
        samples = self.rounds * fit["samples"] * len(self.conditions.combinations())
        return samples * 4 * fit["steps"] * 3 * self.velocity.operations

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Make one Gauss-Newton step on fresh samples at every condition; returns their number and the loss before it.

        The loss is the mean of log q + S_t of the action S_t of this round, less (1 - t) ln Z_0.
        """
        fits = [model._fitted_on(self.part_of(number), generator) for model in self.trained_at()]
        # The normalisation of each condition is free: only what varies there is to be explained.
        log_weight = torch.cat([weights - weights.mean() for _, weights in fits])
        responses = torch.cat([columns for columns, _ in fits])
        fit, theta = self.settings["fit"], self.network.theta
        step = gauss_newton_step(responses, log_weight, theta.shape[-1], fit["ridge"])
        theta += step.reshape(theta.shape).to(theta.dtype)
        loss = -float(torch.stack([weights.mean() for _, weights in fits]).mean())
        return {"examples": fit["samples"] * len(fits), "loss": loss}

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q at the couplings of the system."""
        fields, log_q = self.drawn(count, generator, self.settings["generation"]["steps"])
        return Samples(fields, log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of fields (N, *site_shape), (N,) float64."""
        latents, change = self.mapped_back(fields)
        return self.start.log_density(latents) + change

    def drawn(self, count: int, generator: torch.Generator, steps: int) -> tuple[Tensor, Tensor]:
        """Draw samples (count, *site_shape) and their log q."""
        latents = self.start.sample(count, generator)
        fields, change = self._integrated(integrated_forward, latents, steps)
        return fields, self.start.log_density(latents) + change

    def transported(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents (N, *site_shape) to fields and their log q."""
        fields, change = self.mapped(latents)
        return fields, self.start.log_density(latents) + change

    @torch.no_grad()
    def mapped(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields of the Gaussian; returns fields and ln q_1 - ln q_0, (N,) float64."""
        return self._integrated(integrated_forward, latents, self.settings["generation"]["steps"])

    @torch.no_grad()
    def mapped_back(self, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields back to the Gaussian; returns them and ln q_1 - ln q_0 as of where they began, (N,) float64."""
        return self._integrated(integrated_backward, fields, self.settings["generation"]["steps"])

    def schedule(self, t: float) -> Kernels:
        """Evaluate the kernels at a time."""
        return self.network(t, self.condition)

    def _integrated(self, integrated: Callable, fields: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Move fields in portions."""
        parts = [integrated(self.velocity, self.schedule, part, steps) for part in self.portions(fields)]
        moved, change = (torch.cat(column) for column in zip(*parts, strict=True))
        return moved, change

    def _fitted_on(self, part: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw samples; returns centred responses of log q to the weights (N, weights), and -S_t - log q, (N,)."""
        action = self.start.on_path(self.system.action, part)
        latents = self.start.sample(self.settings["fit"]["samples"], generator)
        moved = [self._responding(portion) for portion in self.portions(latents)]
        log_q = self.start.log_density(latents) + torch.cat([portion.change for portion in moved])
        log_weight = -torch.cat([action(portion.fields) for portion in moved]) - log_q
        responses = torch.cat([portion.responses for portion in moved]).double()
        responses = (responses - responses.mean(0))[..., None] * self.condition
        return responses.flatten(1), log_weight

    def _responding(self, latents: Tensor) -> Response:
        """Move fields of the Gaussian with their score and the response of log q to the weights of its kernels."""
        score, steps = self.start.score(latents), self.settings["fit"]["steps"]
        return integrated_with_response(self.velocity, self.schedule, latents, score, steps)
