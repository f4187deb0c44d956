"""The model of 2309.17082 as published: VE with sigma = 25, min-max normalised fields, Euler-Maruyama."""

from pathlib import Path as FilePath
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Samples, Watch
from emulant.contracts.system import System
from emulant.families._family import ModelFamily, tensors_of
from emulant.networks.score_net import ScoreNet
from emulant.transport.paths import VarianceExploding
from emulant.transport.solvers import euler_maruyama

__all__ = ["Model"]

EARLIEST_TRAINED, EARLIEST_SAMPLED = 1e-5, 1e-3
"""Of the published code (DMasSQ)."""


class Model(ModelFamily):
    """Score s(x, t) = ScoreNet(x, t)/noise(t) of fields mapped to [-1, 1] (lattice.md 1b; DMasSQ).

    Arguments:
        settings: the model block of the config.
        site_shape: lattice shape; two dimensions.
        bounds: smallest and largest field value of the training ensemble.
    """

    def __init__(self, settings: dict[str, Any], site_shape: tuple[int, ...], bounds: Tensor) -> None:
        super().__init__()
        self.settings, self.site_shape, self.bounds = settings, tuple(site_shape), bounds
        self.path = VarianceExploding(settings["path"]["sigma"])
        self.network = ScoreNet()

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor, system: System | None = None) -> Self:
        """Take the normalisation from the training fields (N, L, L); the published model knows no force."""
        return cls(settings, tuple(data.shape[1:]), torch.stack([data.min(), data.max()]).double())

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            model = cls(record["settings"], tuple(record["site_shape"]), tensors.pop("bounds"))
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The normalisation."""
        return {"bounds": self.bounds}

    def place(self, device: torch.device | str) -> Self:
        """Move to `device`."""
        self.bounds = self.bounds.to(device)
        return super().place(device)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Mean over the batch of the sum over sites of (noise(t) s(x, t) + z)^2, t uniform."""
        low, high = self.bounds.to(batch.dtype)
        x0 = 2 * ((batch - low) / (high - low) - 0.5)
        t = (
            torch.rand(len(x0), generator=generator, device=x0.device) * (1 - EARLIEST_TRAINED)
            + EARLIEST_TRAINED
        )
        z = torch.randn(x0.shape, generator=generator, device=x0.device, dtype=x0.dtype)
        noise = self.path.noise(t)[:, None, None]
        predicted = self.network((x0 + noise * z)[:, None], t)[:, 0]
        return (predicted + z).square().flatten(1).sum(1).mean()

    def score(self, x: Tensor, t: float) -> Tensor:
        """Gradient of log p_t of the normalised fields."""
        return self.network(x[:, None], x.new_full((len(x),), t))[:, 0] / float(self.path.noise(t))

    @property
    def evaluations(self) -> int:
        """Calls of the network for each field."""
        return self.settings["generation"]["steps"]

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Any = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Euler-Maruyama at `steps` times from t = 1 to 1e-3; the last step, free of noise, leads beyond. No `watch`."""
        device = self.bounds.device
        prior = torch.randn(count, *self.site_shape, generator=generator, device=device)
        times = torch.linspace(1.0, EARLIEST_SAMPLED, self.settings["generation"]["steps"]).tolist()
        times.append(2 * times[-1] - times[-2])
        x = euler_maruyama(self.score, self.path, prior * float(self.path.noise(1.0)), times, generator)
        low, high = self.bounds.to(x.dtype)
        return Samples((x / 2 + 0.5) * (high - low) + low)
