"""A Gaussian whose width is learned."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Samples
from emulant.contracts.system import System
from emulant.families._family import ModelFamily, tensors_of

__all__ = ["Model"]


class Width(nn.Module):
    """The logarithm of a standard deviation."""

    def __init__(self) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.randn(()))

    def forward(self, x: Tensor) -> Tensor:
        """Return minus the mean log likelihood, but for a constant."""
        return (0.5 * (x / self.log.exp()) ** 2 + self.log).mean()


class Model(ModelFamily):
    """Independent Gaussian sites."""

    evaluations = 0

    def __init__(self, settings: dict[str, Any], site_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.settings, self.site_shape, self.network = settings, tuple(site_shape), Width()

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor, system: System) -> Self:
        """A fresh model for fields of this shape."""
        return cls(settings, data.shape[1:])

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            return cls(record["settings"], record["site_shape"]).take(tensors, weights)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Minus the mean log likelihood."""
        return self.network(batch)

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw independent sites."""
        noise = torch.randn(count, *self.site_shape, generator=generator, device=self.network.log.device)
        return Samples(self.network.log.exp() * noise)
