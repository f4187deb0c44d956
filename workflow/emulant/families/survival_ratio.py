"""The trivial estimator: the dipole of the last slice over what of it survives, and slices that follow it in proportion.

There is no prior: the estimate is unbiased at any separation, and its samples have the spread of its errors.
"""

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.system import System
from emulant.families._charge_sectors import SEPARATION, Sectors
from emulant.families._family import tensors_of
from emulant.families._unfolded import Answer, Unfolding, even_mean, in_units, unit_of
from emulant.storage.pairs import Pairs

__all__ = ["Model"]


class Survival(nn.Module):
    """What one unit of separation does to the last dipole and to every slice.

    Arguments:
        shape: of the slices together.
    """

    mean: Tensor
    response: Tensor
    spread: Tensor

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        # Of partons that nothing blurs, before it is measured.
        self.final = nn.Parameter(torch.tensor([0.6]))
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("response", torch.zeros(shape))
        self.register_buffer("spread", torch.ones(1))

    def forward(self, inputs: Tensor) -> Tensor:
        """Estimate the separation of inputs (N, 2, p_T, azimuth), (N,)."""
        return _dipole(inputs) / self.final


class Model(Unfolding):
    """The estimator; one number of each sample is all that it looks at."""

    network: Survival
    evaluations, rounds = 1, 1

    def __init__(self, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
        super().__init__(settings, shape)
        self.network = Survival(shape)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """An estimator that knows what slices are like on average."""
        model = cls(settings, tuple(data.outputs.shape[1:]))
        model.pairs, model.unit = data, unit_of(data)
        pairs = in_units(data, model.unit)
        model.network.mean = even_mean(model.sectors, pairs.outputs.double()).float()
        # As of a dipole that nothing blurs, too.
        model.network.response = model.network.mean * _dipole_map(model.shape[-1])
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            model = cls(record["settings"], tuple(tensors["mean"].shape))
            model.unit = tensors.pop("unit")
            return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The unit."""
        return {"unit": self.unit}

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Regress last dipole and slices on the separation; returns the number of pairs and the loss before."""
        inputs, outputs, separation = self.examples(self.pairs, 0).rows
        before, square = float(self.loss((inputs, outputs, separation), generator)), separation.square().sum()
        self.network.final[:] = (separation @ _dipole(inputs)) / square
        response = torch.einsum("n,n...->...", separation, outputs) / square
        self.network.response = _signal_part(self.sectors, response)
        errors = self.network(inputs) - separation
        self.network.spread[:] = errors.square().mean().sqrt()
        return {"examples": len(inputs), "loss": before}

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Mean square error of the separation."""
        inputs, _, separation = batch
        return (self.network(inputs) - separation).square().mean()

    def mean(self, inputs: Tensor) -> Answer:
        """The estimate."""
        return self._answer(self.network(inputs))

    def drawn(self, inputs: Tensor, generator: torch.Generator) -> Answer:
        """The estimate with its error."""
        noise = torch.randn(len(inputs), generator=generator, device=inputs.device)
        return self._answer(self.network(inputs) + self.network.spread * noise)

    def _answer(self, separation: Tensor) -> Answer:
        shifts = separation[:, None, None, None, None] * self.network.response
        return Answer(self.network.mean + shifts, separation)


def _dipole_map(azimuths: int) -> Tensor:
    """(1, -1) sin phi at the middles of bins, (2, 1, azimuth)."""
    phi = 2 * torch.pi * ((torch.arange(azimuths) + 0.5) / azimuths - 0.5)
    return torch.stack([torch.sin(phi), -torch.sin(phi)])[:, None]


def _dipole(maps: Tensor) -> Tensor:
    """Half the difference of <sin phi> of positive and negative charges, of maps (N, 2, p_T, azimuth)."""
    charges = maps.sum(-2, keepdim=True)
    sines = (charges * _dipole_map(maps.shape[-1]).to(charges)).sum((2, 3)) / charges.sum((2, 3))
    return 0.5 * sines.sum(1)


def _signal_part(sectors: Sectors, maps: Tensor) -> Tensor:
    """The part of maps that changes sign as a separation does."""
    coordinates = sectors.split(maps)
    coordinates[:SEPARATION] = 0
    return sectors.joined(coordinates)
