"""Diffusion in zero dimensions: a Gaussian base and an odd perceptron, which learns the samples' own exact score."""

import math
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from emulant.models._family import ModelFamily
from emulant.networks.pointwise import OddPerceptron
from emulant.systems import System
from emulant.transport.empirical import folded_histogram, posterior_means
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import path_from
from emulant.transport.solvers import (
    euler_maruyama,
    flow_times,
    latent_grid,
    predictor_corrector,
    probability_flow,
)

__all__ = ["Model"]

LEVELS, POINTS, REACH = 128, 257, 6.0
FINEST, COARSEST, START, SOFTENING = 0.02, 20.0, 10.0, 0.2
ONSET = 0.25
TRUSTED = 1e-5
ORDER = 6


class Model(ModelFamily):
    """D(x, s) = v x / (v + s²) + c_out(s) F(x, s), c_out = √v s / √(v + s²), of x = φ₀ + s z with <φ₀²> = v.

    Training regresses F on that of the training samples' own denoiser (`empirical`), tabulated over noise levels
    and x: there is no noise in the target, and what is left of the loss is the square of the error of F.

    Arguments:
        settings: the model block of the config: path, network, generation, ...
        variance: v.
    """

    site_shape = (1,)
    noises_per_field, holds_out = 1, False

    def __init__(self, settings: dict[str, Any], variance: float) -> None:
        super().__init__()
        self.settings, self.variance = settings, float(variance)
        self.path = path_from(settings["path"])
        self.measure = ModeMeasure(torch.tensor([self.variance], dtype=torch.float64), (1,))
        sizes = {key: settings["network"][key] for key in ("channels", "blocks", "embedding")}
        self.network = OddPerceptron(1, **sizes)
        self.noise_min, self.noise_max = FINEST * self.field_unit(), COARSEST * self.field_unit()
        self.table: dict[str, Tensor] = {}

    @classmethod
    def build(cls, settings: dict[str, Any], fields: Tensor, system: System | None = None) -> "Model":
        """Fit to training fields (N, 1); the network starts at zero output. `system` is not used."""
        model = cls(
            settings, sum(float(part.double().square().sum()) for part in fields.split(1 << 20)) / len(fields)
        )
        model.table = model._tabulated(*folded_histogram(fields))
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> "Model":
        """From model.json's record and the safetensors file."""
        tensors = load_file(weights)
        model = cls(record["settings"], float(tensors.pop("variance")))
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The variance."""
        return {"variance": torch.tensor(self.variance, dtype=torch.float64)}

    def place(self, device: torch.device | str) -> "Model":
        """Move network, measure and table to `device`."""
        self.measure = self.measure.to(device)
        self.table = {name: tensor.to(device) for name, tensor in self.table.items()}
        return super().place(device)

    def field_unit(self) -> float:
        """The unit in which the path measures fields: √v."""
        return math.sqrt(self.variance)

    def zero_deviation(self, noise: Tensor) -> Tensor:
        """No mixture, no deviation: zeros, (N,)."""
        return torch.zeros_like(noise)

    def residual(self, x: Tensor, noise: Tensor) -> Tensor:
        """F(x, s), shapes (N, 1), (N,) or (1,); it vanishes as s where p is smooth on the scale of s."""
        spread = (self.variance + noise.double() ** 2).sqrt()
        position = 12 * (noise / self.noise_min).log() / math.log(self.noise_max / self.noise_min) - 6
        onset = noise / (noise**2 + (ONSET * self.field_unit()) ** 2).sqrt()
        whitened = x / spread[:, None].to(x.dtype)
        found = self.network(whitened[..., None], position.clamp_max(6.0).to(x.dtype))
        return found * onset[:, None].to(x.dtype)

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Mean square of F minus its target, over len(x0) nodes of the table drawn systematically by their weight."""
        offset = torch.rand((), generator=generator, device=x0.device, dtype=torch.float64)
        place = (torch.arange(len(x0), device=x0.device) + offset) / len(x0)
        chosen = torch.searchsorted(self.table["cumulative"], place).clamp_max(LEVELS * POINTS - 1)
        x, noise, target = (self.table[name][chosen] for name in ("x", "noise", "target"))
        return (self.residual(x[:, None], noise)[:, 0] - target).square().mean()

    def _tabulated(self, places: Tensor, shares: Tensor) -> dict[str, Tensor]:
        """Nodes (x, s), the target F there and the cumulative weight, (LEVELS POINTS,).

        The weight is the root of the density of x / √(v + s²), so that the gap between two peaks is learned too; where
        the samples are too few to tell, it is zero.
        """
        levels = self._levels()
        rows = [self._row(places, shares, s) for s in levels]
        x, target, weight = (torch.cat(column) for column in zip(*rows, strict=True))
        noise = torch.tensor(levels).repeat_interleave(POINTS)
        return {
            "x": x.float(),
            "noise": noise.float(),
            "target": target.float(),
            "cumulative": (weight / weight.sum()).cumsum(0),
        }

    def _levels(self) -> list[float]:
        """Noise levels: three quarters uniform in the solver variable, a quarter in the time of the path."""
        ends, unit, late = (self.noise_min, self.noise_max), self.field_unit(), LEVELS // 4
        low, high = (self.measure.solver_variable(s) for s in ends)
        start, stop = (float(self.path.time_of_ratio(s / unit)) for s in ends)
        by_solver = torch.linspace(low, high, LEVELS - late, dtype=torch.float64).tolist()
        by_time = torch.linspace(start, stop, late, dtype=torch.float64).tolist()
        return [self.measure.noise_of(u) for u in by_solver] + [
            unit * float(self.path.ratio(t)) for t in by_time
        ]

    def _row(self, places: Tensor, shares: Tensor, s: float) -> tuple[Tensor, Tensor, Tensor]:
        """x, F and weight at one noise level, each (POINTS,)."""
        spread = math.sqrt(self.variance + s**2)
        x = spread * torch.linspace(0, REACH, POINTS, dtype=torch.float64)
        mean, density = posterior_means(places, shares, x, s)
        target = (mean - self.variance * x / spread**2) * spread / (self.field_unit() * s)
        density = density * spread
        return x, target, torch.where(density > TRUSTED, density.sqrt(), 0.0)

    def denoise(self, x: Tensor, noise: Tensor) -> Tensor:
        """D(x, s) = E[φ₀ | φ₀ + s z = x], shapes (N, 1), (N,) or (1,)."""
        total = self.variance + noise[:, None] ** 2
        gain = (self.variance / total).sqrt() * noise[:, None]
        return self.variance * x / total + gain * self.residual(x, noise)

    def score(self, x: Tensor, t: float) -> Tensor:
        """Gradient of log p_t at x on the path, in the path's own units of the field (field/field_unit)."""
        signal, unit = float(self.path.signal(t)), self.field_unit()
        noise = x.new_full((1,), float(self.path.ratio(t)) * unit)
        return self.path.score_from_denoiser(self.denoise(x / signal * unit, noise) / unit, x, t)

    def grid(self, steps: int) -> list[float]:
        """Noise levels of the default solver."""
        return latent_grid(self.measure, START * self.field_unit(), steps)

    def sample(
        self, count: int, generator: torch.Generator, *, watch: Callable[[Tensor, float], None] | None = None
    ) -> Tensor:
        """Generate (count, 1) with the solver of settings["generation"]; `watch` sees (φ₀ + s z, s) on the way."""
        latent = torch.randn(count, 1, generator=generator, device=self.measure.power.device)
        return self.generate(latent, generator, watch=watch)

    @torch.no_grad()
    def generate(
        self,
        latent: Tensor,
        generator: torch.Generator | None = None,
        *,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Tensor:
        """Fields from standard normal latents (N, 1): a map where the solver is a flow, which needs no generator.

        With a single mode the latent flow is the probability flow.
        """
        solver, steps = (self.settings["generation"][key] for key in ("solver", "steps"))
        unit, times = self.field_unit(), flow_times(self.path, START, steps, softening=SOFTENING)
        x = math.hypot(float(self.path.signal(times[0])), float(self.path.noise(times[0]))) * latent
        if solver in ("latent_flow", "probability_flow"):
            seen = (lambda x, s: watch(unit * x, unit * s)) if watch else None
            return unit * probability_flow(self.score, self.path, x, times, order=ORDER, watch=seen)
        solve = {"euler_maruyama": euler_maruyama, "predictor_corrector": predictor_corrector}[solver]
        last = float(self.path.time_of_ratio(FINEST))
        times = torch.linspace(times[0], last, steps + 1, dtype=torch.float64).tolist()
        return unit / float(self.path.signal(last)) * solve(self.score, self.path, x, times, generator)
