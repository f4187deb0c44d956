"""What families share that learn an action from a Gaussian on: how they are built, stored and cut into portions."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import HasAction, HasGaussianStart, System
from emulant.errors import InputError
from emulant.families._family import ModelFamily, tensors_of
from emulant.scalar.starts import start_at
from emulant.transport.annealing import Path as Walk
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.stored_start import start_of

__all__ = ["ByPaths", "FromGaussian", "OnPath", "TwoWay", "seed_from"]


class TwoWay(Protocol):
    """Paths between the Gaussian and exp(-S), with the work of each level; ln Z_0 is in none.

    Attributes:
        times: t_0 = 0 ... t_n = 1 of S_t = (1 - t) S_0 + t S.
    """

    times: Sequence[float]

    def forward(self, fields: Tensor, seed: int) -> Walk:
        """Paths from fields of the Gaussian."""

    def backward(self, fields: Tensor, seed: int) -> Walk:
        """Paths back from fields of exp(-S); the work is that of the path as forward."""


class FromGaussian(ModelFamily):
    """A model that begins with the Gaussian of a system and needs its action alone.

    Arguments:
        settings: the model block.
        start: the Gaussian.
        system: whose action is learned.

    Attributes:
        contracts: of `contracts.system` that the system must keep.
        sites: of fields that are moved together, so that what they need stays in the cache of a core.
    """

    contracts: ClassVar[tuple[type, ...]] = (HasAction, HasGaussianStart)
    sites: ClassVar[int] = 2**13

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: Any = None) -> None:
        super().__init__()
        self.settings, self.site_shape, self.system, self.start = settings, start.shape, system, start

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model, with all weights 0.

        Raises:
            InputError: for a system that lacks one of `contracts`.
        """
        for contract in cls.contracts:
            if not isinstance(system, contract):
                expected = f"what {contract.__name__} of contracts/system.py has"
                raise InputError(f"system {system.kind}", settings["family"], expected, "none")
        return cls(settings, cls.beginning(settings, system), system)

    @classmethod
    def beginning(cls, settings: Mapping[str, Any], system: Any) -> GaussianStart:
        """The Gaussian of the system, or those of its phases."""
        return start_at(system, settings.get("phases", 1))

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            return cls.from_parts(record["settings"], tensors).take(tensors, weights)

    @classmethod
    def from_parts(cls, settings: dict[str, Any], tensors: dict[str, Tensor]) -> Self:
        """Take what `parts` wrote out of the tensors of a file, and build the model with it."""
        return cls(settings, start_of(tensors))

    def parts(self) -> dict[str, Tensor]:
        """The Gaussian."""
        return self.start.parts()

    def examples(self, data: None, seed: int) -> Examples:
        """No data."""
        return Examples(None, held_out=False)

    def latents(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw samples of the Gaussian that the flow moves."""
        return self.start.sample(count, generator)

    def portions(self, fields: Tensor) -> tuple[Tensor, ...]:
        """Divide fields (N, *site_shape) into those that are moved together."""
        return fields.split(max(1, self.sites // math.prod(self.site_shape)))


class OnPath(FromGaussian):
    """A model that is fitted in rounds at parts of the interaction, then at the action itself, and knows log q.

    Attributes:
        end: part of the interaction at which the fit ends: all of it.
    """

    end: float = 1.0

    @property
    def rounds(self) -> int:
        """Fits: one for each part of the interaction on the way, then at the action itself."""
        return len(self.settings["fit"]["path"]) + self.settings["fit"]["rounds"]

    def part_of(self, number: int) -> float:
        """Part t of the interaction in a round, whose action is S_t = (1 - t) S_0 + t S."""
        fit = self.settings["fit"]
        return [*fit["path"], *[self.end] * fit["rounds"]][number]

    def drawn(self, count: int, generator: torch.Generator, steps: int) -> tuple[Tensor, Tensor]:
        """Draw samples (count, *site_shape) and their log q, (count,) float64."""
        raise NotImplementedError

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of log q + S over fresh samples, -ln Z above the divergence KL(q || p) of the action's law."""
        fields, log_q = self.drawn(len(batch), generator, self.settings["fit"]["steps"])
        return (log_q + self.system.action(fields)).mean()


class ByPaths(FromGaussian):
    """A model that samples by random paths with the system's action: each sample comes with the work of its path."""

    @property
    def paths(self) -> TwoWay:
        """The paths."""
        raise NotImplementedError

    def with_system(self, system: System) -> Self:
        """Say whose action the paths use."""
        self.system = system
        return self

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Walk from `count` fields of the Gaussian; the work has ln Z_0 in it."""
        latents = self.start.sample(count, generator)
        path = self.paths.forward(latents, seed_from(generator))
        return Samples(path.fields, work=path.work.sum(1) - self.start.log_normalisation)


def seed_from(generator: torch.Generator) -> int:
    """Draw a seed, for what takes no generator."""
    return int(torch.randint(2**62, (), generator=generator, device=generator.device))
