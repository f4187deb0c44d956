"""An affine flow x = L z, trained on the action by the reverse Kullback-Leibler divergence."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import System
from emulant.families._family import ModelFamily, tensors_of

__all__ = ["Model"]


class Triangle(nn.Module):
    """A lower triangular matrix with a positive diagonal."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.log_diagonal = nn.Parameter(torch.full((size,), 0.7))
        self.below = nn.Parameter(torch.zeros(size, size))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map z (N, size) to x = L z; returns x and ln det L."""
        matrix = torch.diag(self.log_diagonal.exp()) + self.below.tril(-1)
        return z @ matrix.T, self.log_diagonal.sum()


class Model(ModelFamily):
    """Samples x = L z with their exact log q."""

    evaluations = 1

    def __init__(self, settings: dict[str, Any], size: int, system: System | None = None) -> None:
        super().__init__()
        self.settings, self.site_shape, self.system = settings, (size,), system
        self.network = Triangle(size)

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model; nothing is measured, the action is all that it learns from."""
        return cls(settings, system.site_shape[0], system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            return cls(record["settings"], record["site_shape"][0]).take(tensors, weights)

    def examples(self, data: None, seed: int) -> Examples:
        """No data."""
        return Examples(None, held_out=False)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of log q + S over fresh samples, ln Z above the divergence."""
        z = torch.randn(len(batch), *self.site_shape, generator=generator, device=batch.device)
        x, log_determinant = self.network(z)
        return (self._log_normal(z) - log_determinant + self.system.action(x)).mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q."""
        device = self.network.log_diagonal.device
        z = torch.randn(count, *self.site_shape, generator=generator, device=device)
        x, log_determinant = self.network(z)
        return Samples(x, log_q=(self._log_normal(z) - log_determinant).double())

    def _log_normal(self, z: Tensor) -> Tensor:
        """Log density of standard normal variables."""
        return -0.5 * z.square().sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)
