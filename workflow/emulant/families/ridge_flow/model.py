"""A flow from the Gaussian of the gap equation to exp(-S), trained on the action alone.

The velocity is a translation-invariant, odd sum of sines (after M. Gerdes et al., arXiv:2207.00283) that is linear in some
hundred weights, and divergence and score are known in closed form: so the weights are fitted by least squares, round by
round, instead of a gradient descent through the solver.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.families._conditioned import Conditioned
from emulant.families._from_gaussian import OnPath
from emulant.families.ridge_flow.rounds import HALVINGS, REACH, TRIAL, WORSE, Drawn, length_of, ridge_of
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
        basis = {name: settings[name] for name in ("hats", "shells", "surroundings") if name in settings}
        self.velocity = Velocity(half_modes(start.power), start.shape, **basis)
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
        fits, fit = [model._fitted_on(generator) for model in self.trained_at()], self.settings["fit"]
        part = min(drawn.furthest(self.part_of(number)) for drawn, _ in fits)
        weights = [drawn.log_weight(part) for drawn, _ in fits]
        # The normalisation of each condition is free: only what varies there is to be explained.
        log_weight = torch.cat([weight - weight.mean() for weight in weights])
        responses = torch.cat([columns for _, columns in fits])
        spread = float(log_weight.var())
        ridge = ridge_of(fit["ridge"], spread)
        step = gauss_newton_step(responses, log_weight, self.network.theta.shape[-1], ridge)
        self._take(step * length_of(max(0, number - len(fit["path"]))), part, spread, generator)
        loss = -float(torch.stack([weight.mean() for weight in weights]).mean())
        return {"examples": fit["samples"] * len(fits), "loss": loss}

    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """Look whether the fit came to its end.

        Raises:
            InputError: where the weights vary by more than a step could mend, or are no numbers.
        """
        spread = self._spread(self.end, generator)
        if self.rounds and not spread <= REACH:
            expected = f"rounds or parts of a `path` that end with a variance of ln w below {REACH:g}"
            raise InputError(f"model {self.settings['name']}", "fit", expected, f"{spread:.3g}")

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

    @torch.no_grad()
    def _take(self, step: Tensor, part: float, spread: float, generator: torch.Generator) -> None:
        """Change the weights by a step, by half of it and so on, until fresh samples vary no more than before."""
        theta = self.network.theta
        before, step = theta.clone(), step.reshape(theta.shape).to(theta.dtype)
        for halving in range(HALVINGS):
            theta.copy_(before + step / 2**halving)
            if self._spread(part, generator) < WORSE * spread:
                return
        theta.copy_(before)

    @torch.no_grad()
    def _spread(self, part: float, generator: torch.Generator) -> float:
        """Variance of ln w of fresh samples at a part of the interaction, the mean over the conditions."""
        variances = []
        for model in self.trained_at():
            fields, log_q = model.drawn(TRIAL, generator, self.settings["fit"]["steps"])
            variances.append(model._weighed(fields, log_q).log_weight(part).var())
        return float(torch.stack(variances).mean())

    def _weighed(self, fields: Tensor, log_q: Tensor) -> Drawn:
        """Samples with their weights along the path."""
        action, first = self.system.action(fields).double(), self.start.action(fields)
        return Drawn(-first - log_q, first - action)

    def _fitted_on(self, generator: torch.Generator) -> tuple[Drawn, Tensor]:
        """Draw samples; returns their weights and centred responses of log q to the weights of the flow, (N, weights)."""
        latents = self.start.sample(self.settings["fit"]["samples"], generator)
        moved = [self._responding(portion) for portion in self.portions(latents)]
        log_q = self.start.log_density(latents) + torch.cat([portion.change for portion in moved])
        fields = torch.cat([portion.fields for portion in moved])
        responses = torch.cat([portion.responses for portion in moved]).double()
        responses = (responses - responses.mean(0))[..., None] * self.condition
        return self._weighed(fields, log_q), responses.flatten(1)

    def _responding(self, latents: Tensor) -> Response:
        """Move fields of the Gaussian with their score and the response of log q to the weights of its kernels."""
        score, steps = self.start.score(latents), self.settings["fit"]["steps"]
        return integrated_with_response(self.velocity, self.schedule, latents, score, steps)
