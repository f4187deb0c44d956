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
    measured = ("unit",)
    """Names of what training measures beside the law."""

    def __init__(self, settings: dict[str, Any], shape: tuple[int, ...], law: LinearLaw) -> None:
        super().__init__(settings, shape)
        self.network = law

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A model that knows what slices are like, and not yet what the last one says of them."""
        model = cls(settings, tuple(data.outputs.shape[1:]), LinearLaw(1, 1))
        model.pairs, model.unit = data, unit_of(data)
        model.measure(in_units(data, model.unit).inputs)
        model.network = LinearLaw.of(*model._coordinates(data))
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            shape = tuple(tensors.pop("shape").tolist())
            parts = {name: tensors.pop(name) for name in cls.measured}
            model = cls(record["settings"], shape, LinearLaw(*tensors["response"].shape[1:]))
            model.load_state_dict(parts, strict=False)
            return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The shape of the slices, and what was measured."""
        return {"shape": torch.tensor(self.shape)} | {name: getattr(self, name) for name in self.measured}

    def measure(self, inputs: Tensor) -> None:
        """Measure on training inputs in units what `coordinates` need: nothing here."""

    def coordinates(self, inputs: Tensor) -> Tensor:
        """What the law sees of inputs (N, 2, p_T, azimuth) in units, sector by sector, (8, N, size)."""
        return self.sectors.split(inputs)

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
        return self.network.loss(self.coordinates(inputs), targets_of(self.sectors, separation, outputs))

    def mean(self, inputs: Tensor) -> Answer:
        """The mean given inputs."""
        return self._answer(self.network(self.coordinates(inputs)))

    def drawn(self, inputs: Tensor, generator: torch.Generator) -> Answer:
        """Mean and errors."""
        mean = self.network(self.coordinates(inputs))
        normal = self.normal(len(inputs), mean.shape[2], generator)
        return self._answer(mean + self.network.spread(normal))

    def _answer(self, columns: Tensor) -> Answer:
        return Answer(self.joined(columns[:, :, 1:]), columns[SEPARATION, :, 0])

    def _coordinates(self, data: Pairs) -> tuple[Tensor, Tensor]:
        """Coordinates of inputs and targets in double precision."""
        pairs = in_units(data, self.unit)
        targets = targets_of(self.sectors, pairs.conditions["separation"].double(), pairs.outputs.double())
        return self.coordinates(pairs.inputs.double()), targets
