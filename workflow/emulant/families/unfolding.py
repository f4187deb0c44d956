"""Unfolding backwards from slice to slice: each from the one after it, by a linear step and a time-embedded U-Net."""

import torch
from torch import Tensor

from emulant.families._charge_sectors import Sectors
from emulant.families._linear_law import LinearLaw
from emulant.families._remainder import Remainder, law_of
from emulant.families._unfolded import Answer

__all__ = ["Model"]


class Model(Remainder):
    """A chain of steps back in time; samples have the errors of every step."""

    @property
    def evaluations(self) -> int:
        """One a slice."""
        return self.shape[0]

    @classmethod
    def fitted(cls, sectors: Sectors, slices: Tensor, separation: Tensor) -> dict[str, LinearLaw]:
        """A law for each step."""
        return {
            f"step{k}": law_of(sectors, slices[:, k + 1], separation, slices[:, k : k + 1])
            for k in range(slices.shape[1] - 1)
        }

    def sources(self, slices: Tensor) -> Tensor:
        """The slice after it."""
        return slices[:, 1:]

    def linear(self, sources: Tensor) -> Tensor:
        """The laws of all steps."""
        return torch.stack([self._linear_step(sources[:, k], k) for k in range(self.shape[0])], dim=1)

    def mean(self, inputs: Tensor) -> Answer:
        """All steps without errors."""
        slices = self._walk(inputs)
        return Answer(slices, self.separation(slices))

    def drawn(self, inputs: Tensor, generator: torch.Generator) -> Answer:
        """All steps with errors."""
        slices = self._walk(inputs, generator)
        return Answer(slices, self.separation(slices, generator))

    def _walk(self, inputs: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Step from the inputs back to the first slice; returns all slices."""
        slices = [inputs]
        for k in reversed(range(self.shape[0])):
            source, time = slices[0], torch.full((len(inputs),), k, device=inputs.device)
            step = self._linear_step(source, k) + self.added(source, time)
            if generator is not None:
                normal = self.normal(len(inputs), 1 + self.sectors.size, generator)
                step = step + self._maps(self.laws[f"step{k}"].spread(normal))
            slices.insert(0, step)
        return torch.stack(slices[:-1], dim=1)

    def _linear_step(self, source: Tensor, k: int) -> Tensor:
        """The mean of slice k given the one after it."""
        return self._maps(self.laws[f"step{k}"](self.sectors.split(source)))

    def _maps(self, columns: Tensor) -> Tensor:
        """The only slice of a step's columns."""
        return self.sectors.joined(columns[:, :, 1:])
