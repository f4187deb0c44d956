"""Linear unfolding: ridge regression of all slices and the separation on the last slice, and its errors."""

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.system import System
from emulant.families._charge_sectors import SEPARATION
from emulant.families._family import tensors_of
from emulant.families._linear_law import LinearLaw, targets_of
from emulant.families._unfolded import Answer, Unfolding, in_units, unit_of
from emulant.storage.pairs import Pairs

__all__ = ["Model"]


class Model(Unfolding):
    """A Gaussian law whose mean is linear in the last slice.

    Arguments:
        settings: the model block.
        shape: of the slices together.
        law: of the slices' coordinates.
    """

    network: LinearLaw
    evaluations, rounds = 1, 1

    def __init__(self, settings: dict[str, Any], shape: tuple[int, ...], law: LinearLaw) -> None:
        super().__init__(settings, shape)
        self.network = law

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A model that knows what slices are like, and not yet what the last one says of them."""
        model = cls(settings, tuple(data.outputs.shape[1:]), LinearLaw(1, 1))
        model.pairs, model.unit = data, unit_of(data)
        model.network = LinearLaw.of(*model._coordinates(data))
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            shape, unit = tuple(tensors.pop("shape").tolist()), tensors.pop("unit")
            model = cls(record["settings"], shape, LinearLaw(*tensors["response"].shape[1:]))
            model.unit = unit
            return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The shape of the slices, and the unit."""
        return {"shape": torch.tensor(self.shape), "unit": self.unit}

    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Fit the response and its errors to the training pairs; returns their number and the loss before."""
        coordinates = self._coordinates(self.pairs)
        before = float(self.network.loss(*(part.float() for part in coordinates)).detach())
        self.network.fit(*coordinates, self.sectors.size)
        return {"examples": len(self.pairs), "loss": before}

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Mean square of the errors over the variance of what is to be said."""
        inputs, outputs, separation = batch
        return self.network.loss(self.sectors.split(inputs), targets_of(self.sectors, separation, outputs))

    def mean(self, inputs: Tensor) -> Answer:
        """The mean given inputs."""
        return self._answer(self.network(self.sectors.split(inputs)))

    def drawn(self, inputs: Tensor, generator: torch.Generator) -> Answer:
        """Mean and errors."""
        mean = self.network(self.sectors.split(inputs))
        normal = self.normal(len(inputs), mean.shape[2], generator)
        return self._answer(mean + self.network.spread(normal))

    def _answer(self, columns: Tensor) -> Answer:
        return Answer(self.joined(columns[:, :, 1:]), columns[SEPARATION, :, 0])

    def _coordinates(self, data: Pairs) -> tuple[Tensor, Tensor]:
        """Coordinates of inputs and targets in double precision."""
        pairs = in_units(data, self.unit)
        targets = targets_of(self.sectors, pairs.conditions["separation"].double(), pairs.outputs.double())
        return self.sectors.split(pairs.inputs.double()), targets
