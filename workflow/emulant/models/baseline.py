"""The model of 2309.17082 as published: VE with sigma = 25, min-max normalised fields, Euler-Maruyama."""

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from emulant.models._family import ModelFamily
from emulant.networks.score_net import ScoreNet
from emulant.systems import System
from emulant.transport.paths import VarianceExploding
from emulant.transport.solvers import euler_maruyama

__all__ = ["Model"]

EARLIEST_TRAINED, EARLIEST_SAMPLED = 1e-5, 1e-3


class Model(ModelFamily):
    """Score s(x, t) = ScoreNet(x, t)/noise(t) of fields mapped to [-1, 1] (lattice.md 1b; DMasSQ).

    Arguments:
        settings: the model block of the config.
        site_shape: lattice shape; two dimensions.
        bounds: smallest and largest field value of the training ensemble.
    """

    noises_per_field = 1

    def __init__(self, settings: dict[str, Any], site_shape: tuple[int, ...], bounds: Tensor) -> None:
        super().__init__()
        self.settings, self.site_shape, self.bounds = settings, tuple(site_shape), bounds
        self.path = VarianceExploding(settings["path"]["sigma"])
        self.network = ScoreNet()

    @classmethod
    def build(cls, settings: dict[str, Any], fields: Tensor, system: System | None = None) -> "Model":
        """Take the normalisation from the training fields (N, L, L); the published model knows no force."""
        return cls(settings, tuple(fields.shape[1:]), torch.stack([fields.min(), fields.max()]).double())

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> "Model":
        """From model.json's record and the safetensors file."""
        tensors = load_file(weights)
        model = cls(record["settings"], tuple(record["site_shape"]), tensors.pop("bounds"))
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The normalisation."""
        return {"bounds": self.bounds}

    def place(self, device: torch.device | str) -> "Model":
        """Move to `device`."""
        self.bounds = self.bounds.to(device)
        return super().place(device)

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Mean over the batch of the sum over sites of (noise(t) s(x, t) + z)^2, t uniform."""
        low, high = self.bounds.to(x0.dtype)
        x0 = 2 * ((x0 - low) / (high - low) - 0.5)
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

    @torch.no_grad()
    def sample(
        self, count: int, generator: torch.Generator, *, watch: Callable[[Tensor, float], None] | None = None
    ) -> Tensor:
        """Euler-Maruyama at `steps` times from t = 1 to 1e-3; the last step, free of noise, leads beyond. No `watch`."""
        device = self.bounds.device
        prior = torch.randn(count, *self.site_shape, generator=generator, device=device)
        times = torch.linspace(1.0, EARLIEST_SAMPLED, self.settings["generation"]["steps"]).tolist()
        times.append(2 * times[-1] - times[-2])
        x = euler_maruyama(self.score, self.path, prior * float(self.path.noise(1.0)), times, generator)
        low, high = self.bounds.to(x.dtype)
        return (x / 2 + 0.5) * (high - low) + low
