"""Diffusion and flow matching on fields in equilibrium: every mode carries noise, so a field has a likelihood."""

from pathlib import Path as FilePath
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.system import HasGradient, System
from emulant.errors import InputError
from emulant.families._family import tensors_of
from emulant.families.diffusion.loss import Forces
from emulant.families.diffusion.mode_diffusion import ModeDiffusion, restored
from emulant.transport.likelihood import log_likelihood
from emulant.transport.measures import ModeMeasure
from emulant.transport.order_parameter import SymmetricMixture
from emulant.transport.solvers import latent_grid

__all__ = ["Model"]

COMPONENTS = 6
"""Gaussians in the mixture of the zero mode, where the settings do not say."""


class Model(ModeDiffusion):
    """A diffusion model of all modes; the zero mode may have two phases."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor, system: System | None = None) -> Self:
        """Fit the measure to training fields (N, *shape); the network starts at zero output.

        With settings["target"] = forces, and `system` given, training uses the force of its action (`force_target`).

        Raises:
            InputError: where the target is forces and the system has no action.
        """
        components = settings.get("zero_mode_components", COMPONENTS) if data[0].numel() > 1 else 0
        measure = ModeMeasure.fit(data, zero_mode_components=components)
        if settings.get("target", "fields") != "forces" or system is None:
            return cls(settings, measure)
        if not isinstance(system, HasGradient):
            raise InputError(f"model {settings['name']}", "target", "fields, without an action", "forces")
        return cls(settings, measure, Forces.measured(system.gradient, data))

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            zero = None
            if "measure.centres" in tensors:
                centres, shares = tensors.pop("measure.centres"), tensors.pop("measure.weights")
                zero = SymmetricMixture(centres, shares, float(tensors.pop("measure.width")))
            site_shape = tuple(record["site_shape"])
            measure = ModeMeasure(tensors.pop("measure.power"), site_shape, zero)
            model = cls(record["settings"], measure, **restored(tensors, measure))
        return model.take(tensors, weights)

    def log_likelihood(
        self, fields: Tensor, *, steps: int, probes: int | None, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Log q of fields (N, *site_shape) under the latent flow and the last map, and its error."""
        jacobian = 0.0
        if self.last_map is not None:
            fields, jacobian = self.last_map.inverse(fields)
        log_q, error = log_likelihood(
            self.residual,
            self.measure,
            fields,
            latent_grid(self.measure, self.base.noise_max, steps),
            lambda s: float(self.base.zero_deviation(torch.tensor([s], device=fields.device))[0]),
            probes=probes,
            generator=generator,
        )
        return log_q - jacobian, error
