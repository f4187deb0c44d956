"""What families share that unfold: the slices and the separation that led to a last slice, drawn from their posterior."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples
from emulant.families._charge_sectors import EVEN, Sectors
from emulant.families._family import ModelFamily
from emulant.storage.pairs import Pairs

__all__ = [
    "Answer",
    "Unfolding",
    "all_slices",
    "even_mean",
    "in_units",
    "mirror_images",
    "mirrored",
    "rms_of",
    "unit_of",
]


class Answer(NamedTuple):
    """What led to the inputs.

    Attributes:
        slices: (N, slices, 2, p_T, azimuth).
        separation: (N,).
    """

    slices: Tensor
    separation: Tensor


class Unfolding(ModelFamily):
    """A model of slices and separation given the last slice.

    Slices are seen for as many particles as training had on average, so that of events twice as large the answer is twice
    as large.

    Arguments:
        settings: the model block.
        shape: of the slices together, (slices, 2, p_T, azimuth).
    """

    site_shape = ()
    unit: Tensor

    def __init__(self, settings: dict[str, Any], shape: tuple[int, ...]) -> None:
        super().__init__()
        self.settings, self.shape, self.sectors = settings, tuple(shape), Sectors(shape[1:])
        self.register_buffer("unit", torch.ones(()))

    @abstractmethod
    def mean(self, inputs: Tensor) -> Answer:
        """The mean given inputs (N, 2, p_T, azimuth) in units."""

    @abstractmethod
    def drawn(self, inputs: Tensor, generator: torch.Generator) -> Answer:
        """A sample of what led to each of the inputs in units."""

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Inputs and outputs in units, and separations."""
        pairs = in_units(data, self.unit)
        return Examples((pairs.inputs, pairs.outputs, pairs.conditions["separation"].float()))

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw slices and a separation for each of condition["inputs"]; the separation that made them is not looked at."""
        return self._samples(condition["inputs"], lambda inputs: self.drawn(inputs, generator))

    @torch.no_grad()
    def sample_variant(
        self,
        variant: str,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
    ) -> Samples:
        """Return the mean for each of condition["inputs"]."""
        return self._samples(condition["inputs"], self.mean)

    def normal(self, count: int, columns: int, generator: torch.Generator) -> Tensor:
        """Draw standard normal variables of all sectors, (8, count, columns)."""
        return torch.randn(8, count, columns, generator=generator, device=generator.device)

    def joined(self, columns: Tensor) -> Tensor:
        """Return slices (N, slices, 2, p_T, azimuth) of columns (8, N, slices x size)."""
        return self.sectors.joined(columns.unflatten(2, (-1, self.sectors.size)))

    def _samples(self, inputs: Tensor, answer: Callable[[Tensor], Answer]) -> Samples:
        """Ask for the answer in units."""
        share = _total(inputs) / self.unit
        slices, separation = answer(inputs / share)
        return Samples(slices * share[:, None], {"separation": separation.double()})


def unit_of(data: Pairs) -> Tensor:
    """The mean over samples of what bins of the input add up to."""
    return _total(data.inputs).double().mean().float()


def in_units(data: Pairs, unit: Tensor) -> Pairs:
    """Scale each sample so that the bins of its input add up to `unit`."""
    share = _total(data.inputs) / unit
    return Pairs(data.inputs / share, data.outputs / share[:, None], data.conditions)


def all_slices(data: Pairs) -> Tensor:
    """Return outputs and, last, inputs of training pairs, (N, slices + 1, 2, p_T, azimuth), in double precision."""
    return torch.cat([data.outputs, data.inputs[:, None]], dim=1).double()


def _total(maps: Tensor) -> Tensor:
    """Sum of all bins, (N, 1, 1, 1)."""
    return maps.sum((1, 2, 3), keepdim=True)


def even_mean(sectors: Sectors, maps: Tensor) -> Tensor:
    """Return the mean of maps (N, ...), as far as it is even under all symmetries."""
    coordinates = sectors.split(maps.mean(0))
    coordinates[EVEN + 1 :] = 0
    return sectors.joined(coordinates)


def mirror_images(count: int, generator: torch.Generator) -> Tensor:
    """Choose half of `count` samples, (count,), that are mirrored, phi -> -phi: with -f they are as likely as before."""
    return torch.rand(count, generator=generator, device=generator.device) < 0.5


def mirrored(maps: Tensor, chosen: Tensor) -> Tensor:
    """Mirror the maps (N, ..., azimuth) that are chosen."""
    return torch.where(chosen.reshape(-1, *[1] * (maps.ndim - 1)), maps.flip(-1), maps)


def rms_of(maps: Tensor) -> Tensor:
    """Root mean square of maps (N, ..., 2, p_T, azimuth) over samples, charges and azimuth, (..., 1, p_T, 1); never zero."""
    scale = maps.square().mean((0, -3, -1)).sqrt()
    return scale.clamp(min=float(scale.max()) * 1e-6)[..., None, :, None]
