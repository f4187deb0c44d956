"""Linear regression with noise: y = a x + exp(b) w^c z at a condition w, by maximum likelihood."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import System
from emulant.families._family import ModelFamily, tensors_of
from emulant.storage.pairs import Pairs

__all__ = ["Model"]


class Response(nn.Module):
    """Mean and logarithm of the standard deviation of the output."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.mean = nn.Linear(inputs, outputs, bias=False)
        self.scale = nn.Parameter(torch.tensor([0.0, 0.0]))

    def forward(self, x: Tensor, width: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean (N, outputs) and log deviation (N, 1)."""
        return self.mean(x), (self.scale[0] + self.scale[1] * width.log())[:, None]


class Model(ModelFamily):
    """Outputs of given inputs, at given widths of the noise."""

    evaluations, site_shape = 1, ()

    def __init__(self, settings: dict[str, Any], inputs: int, outputs: int) -> None:
        super().__init__()
        self.settings, self.network = settings, Response(inputs, outputs)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: System) -> Self:
        """A fresh model for pairs of this size."""
        return cls(settings, data.inputs.shape[1], data.outputs.shape[1])

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            outputs, inputs = tensors["mean.weight"].shape
            return cls(record["settings"], inputs, outputs).take(tensors, weights)

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Inputs, outputs and widths."""
        return Examples((data.inputs, data.outputs, data.conditions["width"].float()))

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Minus the mean log likelihood, but for a constant."""
        x, y, width = batch
        mean, log_deviation = self.network(x, width)
        return (0.5 * ((y - mean) / log_deviation.exp()).square() + log_deviation).mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw an output of each of condition["inputs"] (count, inputs) at condition["width"] (count,)."""
        mean, log_deviation = self.network(condition["inputs"], condition["width"].float())
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        return Samples(mean + log_deviation.exp() * noise)
