"""A flow from the Gaussian of the gap equation to exp(-S), trained on the action alone.

The velocity is a translation-invariant, odd sum of sines (after M. Gerdes et al., arXiv:2207.00283) that is linear in some
hundred weights, and divergence and score are known in closed form: so the weights are fitted by least squares, round by
round, instead of a gradient descent through the solver.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import HasAction, HasGaussianStart, System
from emulant.errors import InputError
from emulant.families._family import ModelFamily, tensors_of
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

SITES = 2**13
"""Sites of fields that are moved together: their channels stay in the cache of a core, and in memory that is reused."""


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


class Model(ModelFamily):
    """Samples of the flow with their log q.

    Arguments:
        settings: the model block.
        start: the Gaussian that the flow begins with.
        system: whose action is learned; only a training needs it.
    """

    network: Ridges

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: System | None = None) -> None:
        super().__init__()
        self.settings, self.site_shape, self.system, self.start = settings, start.shape, system, start
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

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model: the Gaussian itself, as all weights are 0.

        Raises:
            InputError: for a system without an action or a Gaussian beside it.
        """
        if not isinstance(system, HasAction) or not isinstance(system, HasGaussianStart):
            raise InputError(f"system {system.kind}", "inverse_power", "a Gaussian to begin with", "none")
        return cls(settings, GaussianStart(torch.from_numpy(np.array(system.inverse_power()))), system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            start = GaussianStart(tensors.pop("inverse_power"))
            return cls(record["settings"], start).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The Gaussian."""
        return {"inverse_power": self.start.inverse_power}

    def examples(self, data: None, seed: int) -> Examples:
        """No data."""
        return Examples(None, held_out=False)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of log q + S over fresh samples, -ln Z above the divergence KL(q || p) of the action's law."""
        fields, log_q = self._drawn(len(batch), generator, self.settings["fit"]["steps"])
        return (log_q + self.system.action(fields)).mean()

    @property
    def rounds(self) -> int:
        """Gauss-Newton steps: one for each action on the path, then at the action itself."""
        fit = self.settings["fit"]
        return len(fit["path"]) + fit["rounds"]

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Make one Gauss-Newton step on fresh samples; returns their number and the loss before it.

        The loss is the mean of log q + S_t of the action S_t of this round, less (1 - t) ln Z_0.
        """
        fit = self.settings["fit"]
        t = [*fit["path"], *[1.0] * fit["rounds"]][number]
        action = self.start.on_path(self.system.action, t)
        fields = self.start.sample(fit["samples"], generator)
        parts = [self._responding(part) for part in self._portions(fields)]
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
        fields, log_q = self._drawn(count, generator, self.settings["generation"]["steps"])
        return Samples(fields, log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of fields (N, *site_shape), (N,) float64."""
        steps = self.settings["generation"]["steps"]
        parts = [
            integrated_backward(self.velocity, self.network, part, steps) for part in self._portions(fields)
        ]
        return torch.cat([self.start.log_density(latent) + change for latent, change in parts])

    def _drawn(self, count: int, generator: torch.Generator, steps: int) -> tuple[Tensor, Tensor]:
        """Draw samples (count, *site_shape) and their log q."""
        latents = self.start.sample(count, generator)
        parts = [
            integrated_forward(self.velocity, self.network, part, steps) for part in self._portions(latents)
        ]
        fields, changes = (torch.cat(column) for column in zip(*parts, strict=True))
        return fields, self.start.log_density(latents) + changes

    def _responding(self, latents: Tensor) -> Response:
        """Move fields of the Gaussian with their score and the response of log q to the weights."""
        score, steps = self.start.score(latents), self.settings["fit"]["steps"]
        return integrated_with_response(self.velocity, self.network, latents, score, steps)

    def _portions(self, fields: Tensor) -> tuple[Tensor, ...]:
        return fields.split(max(1, SITES // self.velocity.volume))
