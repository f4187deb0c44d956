"""The action's own diffusion, solved instead of learned: potentials of every noise level, fitted to the equation they obey.

No sample of the action is needed: points of the fit are what the potentials of the round before generate, drawn by their
weights and refreshed by a few Metropolis-adjusted Langevin steps.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from emulant.contracts.family import Samples
from emulant.contracts.system import HasAction, HasGaussianStart, HasGradient, System
from emulant.errors import InputError
from emulant.families._from_gaussian import OnPath
from emulant.families.layerwise_potential.fit import fit_layers
from emulant.families.layerwise_potential.flow import PotentialFlow
from emulant.families.layerwise_potential.layers import Layers
from emulant.families.layerwise_potential.operators import Operators
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.measures import ModeMeasure
from emulant.transport.metropolis import metropolis_adjusted_langevin

__all__ = ["Model"]


class Model(OnPath):
    """Samples of the probability flow with their log q.

    Arguments:
        settings: the model block.
        start: the Gaussian of covariance C.
        system: whose action is solved for; only a training needs it.
    """

    network: Layers
    contracts = (HasAction, HasGaussianStart, HasGradient)
    sites = 2**15

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: System | None = None) -> None:
        super().__init__(settings, start, system)
        self.operators = Operators(1 / start.inverse_power)
        self.network = Layers(self.operators.power, settings["layers"], len(self.operators))

    @property
    def flow(self) -> PotentialFlow:
        """The probability flow."""
        return PotentialFlow(self.operators, self.network)

    @property
    def measure(self) -> ModeMeasure:
        """The Gaussian's modes, which precondition Langevin steps."""
        return ModeMeasure(self.operators.power, self.site_shape)

    @property
    def evaluations(self) -> int:
        """Potentials for each sample: four stages a step."""
        return 4 * self.settings["generation"]["steps"]

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit all layers on what the layers before generate; returns the number of points and the loss before it.

        Nothing is carried from round to round but the layers. The loss is the mean of log q + S_t of the action S_t of this
        round, less (1 - t) ln Z_0.
        """
        fit = self.settings["fit"]
        t = self.part_of(number)
        action = self.start.on_path(self.system.action, t)
        fields, log_q = self.drawn(fit["samples"], generator, fit["steps"])
        log_weight = -action(fields) - log_q
        fields = self._refreshed(_resampled(fields, log_weight, generator), t, generator)
        noise = torch.randn(fields.shape, generator=generator, dtype=fields.dtype, device=fields.device)
        interaction = action(fields) - self.start.action(fields)
        fitted = fit_layers(self.operators, self.network, fields, interaction, noise)
        if not bool(torch.isfinite(fitted.values).all()):
            expected = "enough layers, or parts of the interaction in fit.path, for a finite fit"
            raise InputError(f"model {self.settings['name']}", "layers", expected, len(fitted.values) - 1)
        self.network.values.copy_(fitted.values)
        self.network.slopes.copy_(fitted.slopes)
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
        return Samples(fields.float(), log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of fields (N, *site_shape), (N,) float64."""
        steps = self.settings["generation"]["steps"]
        return torch.cat([self.flow.log_density(part, steps) for part in self.portions(fields.double())])

    def drawn(self, count: int, generator: torch.Generator, steps: int) -> tuple[Tensor, Tensor]:
        """Draw samples (count, *site_shape) and their log q, float64."""
        device = self.operators.power.device
        white = torch.randn(count, *self.site_shape, generator=generator, device=device, dtype=torch.float64)
        parts = [self.flow.fields_of(part, steps) for part in self.portions(white)]
        fields, log_q = (torch.cat(column) for column in zip(*parts, strict=True))
        return fields, log_q

    def _refreshed(self, fields: Tensor, t: float, generator: torch.Generator) -> Tensor:
        """Metropolis-adjusted Langevin steps of the action S_t."""
        steps = self.settings["fit"]["metropolis_steps"]
        if not steps:
            return fields

        def gradient(x: Tensor) -> Tensor:
            return t * self.system.gradient(x) - (1 - t) * self.start.score(x)

        action = self.start.on_path(self.system.action, t)
        closure = metropolis_adjusted_langevin(
            fields, action, gradient, self.measure, steps=steps, generator=generator
        )
        return closure.fields


def _resampled(fields: Tensor, log_weight: Tensor, generator: torch.Generator) -> Tensor:
    """Draw as many fields by their weights; one that ran away, whose weight is no number, has none."""
    log_weight = torch.where(torch.isfinite(log_weight), log_weight, -torch.inf)
    weight = (log_weight - log_weight.max()).exp()
    return fields[torch.multinomial(weight, len(fields), replacement=True, generator=generator)]
