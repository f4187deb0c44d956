"""What published autoregressive models of spins and angles share: a PixelCNN trained by reverse KL (arXiv:1809.10606)."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.families._family import ModelFamily, tensors_of
from emulant.networks.pixel_cnn import PixelCNN

__all__ = ["PixelModel"]

BATCH = 256
"""Configurations that are drawn together: layers of width 64 on 16 x 16 then take 50 MB."""


class PixelModel(ModelFamily):
    """Samples with their log q at one temperature.

    Arguments:
        settings: the model block.
        shape: of the lattice.
        beta: inverse temperature of the training.
        system: whose action is learned; only a training needs it.

    Attributes:
        contract: of `contracts.system` that the system must keep.
    """

    network: PixelCNN
    contract: ClassVar[type]
    evaluations = 1

    def __init__(
        self, settings: dict[str, Any], shape: tuple[int, ...], beta: float, system: System | None = None
    ) -> None:
        super().__init__()
        self.settings, self.site_shape, self.beta, self.system = settings, tuple(shape), beta, system
        sizes = (settings[key] for key in ("depth", "width", "reach"))
        self.network = PixelCNN(1, self.outputs(), *sizes)

    @abstractmethod
    def outputs(self) -> int:
        """Numbers of each site that the network tells."""

    @abstractmethod
    def drawn(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw configurations (count, *site_shape)."""

    @abstractmethod
    def density(self, fields: Tensor) -> Tensor:
        """Compute log q of configurations, (N,) float64, by one call of the network."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model; raises InputError for a system that is not of its kind."""
        if not isinstance(system, cls.contract):
            expected = f"what {cls.contract.__name__} of contracts/system.py has"
            raise InputError(f"system {system.kind}", settings["family"], expected, "none")
        return cls(settings, system.site_shape, system.beta, system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            beta = float(tensors.pop("beta"))
            return cls(record["settings"], tuple(record["site_shape"]), beta).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Beta of the training."""
        return {"beta": torch.tensor(self.beta, dtype=torch.float64)}

    @property
    def operations(self) -> float:
        """Floating-point operations for each sample."""
        height, width = self.site_shape
        weights = (int(layer.mask.sum()) * layer.weight[:, :, 0, 0].numel() for layer in self.network.layers)
        return float(2 * height * width * sum(weights))

    def examples(self, data: None, seed: int) -> Examples:
        """No data."""
        return Examples(None, held_out=False)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of ln q + S over fresh samples, -ln Z above the divergence; its gradient is that of ln q alone.

        The mean over the batch is the baseline.
        """
        with torch.no_grad():
            fields = self.drawn(len(batch), generator)
        log_q = self.density(fields)
        excess = (log_q + self.system.action(fields)).detach()
        surrogate = ((excess - excess.mean()) * log_q).mean()
        return excess.mean() + surrogate - surrogate.detach()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q."""
        parts = [self.drawn(min(BATCH, count - first), generator) for first in range(0, count, BATCH)]
        fields = torch.cat(parts)
        return Samples(fields, log_q=self.density(fields))

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of configurations (N, *site_shape), (N,) float64."""
        return torch.cat([self.density(part) for part in fields.split(BATCH)])

    def at(self, system: System) -> Self:
        """The same model; raises InputError at another temperature than that of its training."""
        if system.beta == self.beta:
            return self
        expected = f"{self.beta:g}, the temperature of the training, as this model has no conditions"
        raise InputError(f"model {self.settings['name']}", "betas", expected, system.beta)
