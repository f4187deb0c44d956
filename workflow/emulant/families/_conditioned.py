"""What flows from a Gaussian share that are trained at several values of parameters of their system at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.system import HasConditions, System
from emulant.errors import InputError
from emulant.families._from_gaussian import FromGaussian
from emulant.families.ridge_flow.conditions import Conditions
from emulant.scalar.starts import start_at
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["Conditioned"]


class Conditioned(FromGaussian):
    """A model whose weights are told polynomials of parameters of the system, at those of `system` if nothing else is said.

    Arguments:
        settings: the model block, with the `conditions` of its training, if any.
        start: the Gaussian at the system's parameters.
        system: whose action is learned; only a training needs it.

    Attributes:
        block: the settings that it was built with.
        starts: Gaussians at other parameters, as far as they were asked for.
        condition: the polynomials at the system's parameters, (polynomials,) float64.
    """

    condition: Tensor
    starts: dict[str, GaussianStart]

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: Any = None) -> None:
        super().__init__(settings, start, system)
        self.block, self.starts = settings, {}
        condition = torch.ones(len(self.conditions), dtype=torch.float64)
        self.register_buffer("condition", condition, persistent=False)

    @property
    def conditions(self) -> Conditions:
        """Values of the parameters at which it is trained."""
        return Conditions(self.settings.get("conditions", {}))

    @property
    def trained_values(self) -> Mapping[str, Sequence[float]]:
        """Parameter -> values at which it is trained; nothing where these are the system's own."""
        return self.conditions.values

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model at the system's own parameters.

        Raises:
            InputError: for a system that lacks one of `contracts`, or has no other parameters where these are asked for.
        """
        model = super().build(settings, data, system)
        if model.conditions.values and not isinstance(system, HasConditions):
            raise InputError(f"system {system.kind}", "conditions", "a system that has them", "one without")
        model.condition = model.conditions.polynomials(system.parameters)
        return model

    @classmethod
    def from_parts(cls, settings: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Take the Gaussian and the polynomials out of the tensors of a file."""
        condition = tensors.pop("condition")
        model = super().from_parts(settings, tensors)
        model.condition = condition
        return model

    def parts(self) -> dict[str, Tensor]:
        """The Gaussian, and the polynomials at the parameters of the system."""
        return super().parts() | {"condition": self.condition}

    def at(self, system: System) -> Self:
        """The same model at other parameters: its Gaussian is theirs, its weights stay."""
        other = type(self)(self.block, self._start_of(system), system).to(self.condition.device)
        other.network = self.network
        other.condition = self.conditions.polynomials(system.parameters).to(self.condition)
        return other

    def on(self, system: System) -> Self:
        """A model on another lattice with a copy of these weights."""
        other = type(self).build(self.block, None, system).to(self.condition.device)
        other.network.load_state_dict(self.network.state_dict())
        return other

    def trained_at(self) -> Sequence[Self]:
        """The model at each condition of its training; at the system's own parameters, where there is none."""
        if not self.conditions.values:
            return [self]
        return [self.at(self.system.at(condition)) for condition in self.conditions.combinations()]

    def _start_of(self, system: System) -> GaussianStart:
        """The Gaussian at other parameters, which is solved for once."""
        key = repr(sorted(system.parameters.items()))
        if key not in self.starts:
            self.starts[key] = start_at(system, self.settings.get("phases", 1))
        return self.starts[key]
