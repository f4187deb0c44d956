"""Unfolding in a single shot: every slice from the last one, by ridge regression and a time-embedded U-Net."""

import torch
from torch import Tensor

from emulant.families._charge_sectors import Sectors
from emulant.families._linear_law import LinearLaw
from emulant.families._remainder import Remainder, law_of
from emulant.families._unfolded import Answer

__all__ = ["Model"]


class Model(Remainder):
    """All slices at once; samples have the errors of the linear law, which slices share."""

    evaluations = 1

    @classmethod
    def fitted(cls, sectors: Sectors, slices: Tensor, separation: Tensor) -> dict[str, LinearLaw]:
        """One law of all slices."""
        return {"slices": law_of(sectors, slices[:, -1], separation, slices[:, :-1])}

    def sources(self, slices: Tensor) -> Tensor:
        """The last slice, of each."""
        return slices[:, -1:].expand(-1, self.shape[0], -1, -1, -1)

    def linear(self, sources: Tensor) -> Tensor:
        """The law of all slices."""
        return self.joined(self.laws["slices"](self.sectors.split(sources[:, 0]))[:, :, 1:])

    def mean(self, inputs: Tensor) -> Answer:
        """Law and network."""
        slices = self._slices(inputs)
        return Answer(slices, self.separation(slices))

    def drawn(self, inputs: Tensor, generator: torch.Generator) -> Answer:
        """Law, network and the errors of the law."""
        law = self.laws["slices"]
        normal = self.normal(len(inputs), law.factor.shape[-1], generator)
        slices = self._slices(inputs) + self.joined(law.spread(normal)[:, :, 1:])
        return Answer(slices, self.separation(slices, generator))

    def _slices(self, inputs: Tensor) -> Tensor:
        """The mean of all slices."""
        sources, count = self.sources(inputs[:, None]), self.shape[0]
        times = torch.arange(count, device=inputs.device).repeat(len(inputs))
        added = self.added(sources.flatten(0, 1), times)
        return self.linear(sources) + added.unflatten(0, (-1, count))
