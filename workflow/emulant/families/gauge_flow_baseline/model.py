"""The flow of arXiv:2003.06413 as its tutorial arXiv:2101.08176 has it: what ours is better than must be runnable."""

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.system import System
from emulant.families._family import tensors_of
from emulant.families._haar import free_coupling
from emulant.families._link_flow import LinkFlow, Stack
from emulant.families.gauge_flow_baseline.coupling import StripeCoupling
from emulant.gauge.arrays import wrapped

__all__ = ["Model"]


class Model(LinkFlow):
    """Samples of the flow with their log q."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model; raises InputError for a system without plaquettes, or with sides that are no multiples of 4."""
        free_coupling(system, settings["family"])
        return cls.of(settings, system.site_shape, torch.zeros(0), system)

    @classmethod
    def of(
        cls, settings: dict[str, Any], shape: tuple[int, ...], condition: Tensor, system: System | None = None
    ) -> Self:
        """Make the network of a model block."""
        numbers = (settings["components"], settings["hidden"])
        layers = [StripeCoupling(layer, shape[1:], *numbers) for layer in range(settings["layers"])]
        return cls(settings, shape, Stack(layers), condition, system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            condition = tensors.pop("condition")
            model = cls.of(record["settings"], tuple(record["site_shape"]), condition)
            return model.take(tensors, weights)

    def started(self, uniform: Tensor) -> tuple[Tensor, Tensor]:
        """Give uniform links their plaquettes: the last one is minus the sum of the others."""
        others = uniform[:, :-1]
        plaquettes = torch.cat([others, wrapped(-others.sum(1, keepdim=True))], 1)
        return plaquettes, plaquettes.new_zeros(len(plaquettes))

    def start_density(self, plaquettes: Tensor) -> Tensor:
        """Ln q of the Haar measure, 0."""
        return plaquettes.new_zeros(len(plaquettes))
