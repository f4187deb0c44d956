"""What unfolding networks share: linear steps with their errors, and a time-embedded U-Net for what these leave."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples
from emulant.contracts.system import System
from emulant.families._charge_sectors import SEPARATION, Sectors
from emulant.families._family import tensors_of
from emulant.families._linear_law import LinearLaw, targets_of
from emulant.families._unfolded import (
    Unfolding,
    all_slices,
    even_mean,
    in_units,
    mirror_images,
    mirrored,
    rms_of,
    unit_of,
)
from emulant.networks.charge_unet import ChargeUNet
from emulant.storage.pairs import Pairs

__all__ = ["Remainder", "law_of"]

MEASURED = ("unit", "centre", "source_scale", "error_scale")


class SliceNetwork(nn.Module):
    """A U-Net that is told which slice is asked for.

    Arguments:
        slices: number of them.
        channels, embedding: of the U-Net.
    """

    def __init__(self, slices: int, channels: int, embedding: int) -> None:
        super().__init__()
        self.times = nn.Embedding(slices, embedding)
        self.unet = ChargeUNet(1, 1, channels, embedding)

    def forward(self, maps: Tensor, time: Tensor) -> Tensor:
        """Map sources (N, 2, p_T, azimuth) of slices `time`, (N,), to (N, 2, p_T, azimuth)."""
        return self.unet(maps[:, None], self.times(time))[:, 0]


class Remainder(Unfolding):
    """Linear laws of slices given their sources, plus what a network makes of a source, in units of the laws' errors.

    The separation is read from the first slice, linearly: the law `separation`.

    Arguments:
        settings: the model block.
        shape: of the slices together.
        laws: by name.
    """

    network: SliceNetwork
    centre: Tensor
    source_scale: Tensor
    error_scale: Tensor

    def __init__(
        self, settings: dict[str, Any], shape: tuple[int, ...], laws: Mapping[str, LinearLaw]
    ) -> None:
        super().__init__(settings, shape)
        self.laws = nn.ModuleDict(dict(laws)).requires_grad_(False)
        slices, _, pt, _ = shape
        self.register_buffer("centre", torch.zeros(shape))
        for name in MEASURED[2:]:
            self.register_buffer(name, torch.ones(slices, 1, pt, 1))
        block = settings["network"]
        self.network = SliceNetwork(slices, block["channels"], block["embedding"])

    @classmethod
    @abstractmethod
    def fitted(cls, sectors: Sectors, slices: Tensor, separation: Tensor) -> dict[str, LinearLaw]:
        """Fit the laws of slices to all of them, (N, slices + 1, 2, p_T, azimuth), the input last, and separations (N,)."""

    @abstractmethod
    def sources(self, slices: Tensor) -> Tensor:
        """The source of each slice, of all of them: (N, slices, 2, p_T, azimuth)."""

    @abstractmethod
    def linear(self, sources: Tensor) -> Tensor:
        """What the laws say of each slice given its source, (N, slices, 2, p_T, azimuth)."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A model whose linear part is fitted, and whose network adds nothing yet."""
        unit = unit_of(data)
        slices, separation = all_slices(in_units(data, unit)), data.conditions["separation"].double()
        shape = tuple(data.outputs.shape[1:])
        sectors = Sectors(shape[1:])
        laws = cls.fitted(sectors, slices, separation)
        laws["separation"] = law_of(sectors, slices[:, 0], separation, slices[:, :0])
        model = cls(settings, shape, laws)
        model.unit = unit
        return model._measured(slices)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            parts = {name: tensors.pop(name) for name in [*tensors] if name in MEASURED or "laws." in name}
            responses = {name.split(".")[1]: parts[name] for name in parts if name.endswith(".response")}
            laws = {name: LinearLaw(*response.shape[1:]) for name, response in responses.items()}
            model = cls(record["settings"], tuple(parts["centre"].shape), laws)
            model.load_state_dict(parts, strict=False)
            return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Laws and scales."""
        return {name: part for name, part in self.state_dict().items() if not name.startswith("network.")}

    @torch.no_grad()
    def examples(self, data: Pairs, seed: int) -> Examples:
        """Sources in their scales, and what the laws leave in theirs."""
        slices = all_slices(in_units(data, self.unit)).float()
        sources = self.sources(slices)
        errors = slices[:, :-1] - self.linear(sources)
        return Examples((self._scaled(sources), errors / self.error_scale))

    def loss(self, batch: tuple[Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Mean square of what is left, one slice of each sample, mirrored or not: 1 where the network says nothing."""
        chosen = mirror_images(len(batch[0]), generator)
        sources, errors = (mirrored(maps, chosen) for maps in batch)
        rows = torch.arange(len(sources), device=sources.device)
        time = torch.randint(self.shape[0], rows.shape, generator=generator, device=rows.device)
        return (errors[rows, time] - self.network(sources[rows, time], time)).square().mean()

    def added(self, sources: Tensor, time: Tensor) -> Tensor:
        """What the network adds to slices `time`, (N,), given their sources (N, 2, p_T, azimuth)."""
        scaled = (sources - self.centre[time]) / self.source_scale[time]
        return self.error_scale[time] * self.network(scaled, time)

    def separation(self, slices: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The separation given the first of slices; its mean, or with a generator a draw of it."""
        law = self.laws["separation"]
        mean = law(self.sectors.split(slices[:, 0]))
        if generator is not None:
            mean = mean + law.spread(self.normal(len(slices), 1, generator))
        return mean[SEPARATION, :, 0]

    def _scaled(self, sources: Tensor) -> Tensor:
        return (sources - self.centre) / self.source_scale

    @torch.no_grad()
    def _measured(self, slices: Tensor) -> Self:
        """Measure the scales of sources and of what the laws leave of slices (N, slices + 1, ...)."""
        sources = self.sources(slices.float())
        self.centre = even_mean(self.sectors, sources)
        self.source_scale = rms_of(sources - self.centre)
        self.error_scale = rms_of(slices[:, :-1].float() - self.linear(sources))
        return self


def law_of(sectors: Sectors, source: Tensor, separation: Tensor, slices: Tensor) -> LinearLaw:
    """Fit the law of the separation (N,) and of slices (N, slices, 2, p_T, azimuth) given a source (N, 2, p_T, azimuth)."""
    inputs = sectors.split(source)
    targets = targets_of(sectors, separation, slices)
    return LinearLaw.of(inputs, targets).fit(inputs, targets, sectors.size)
