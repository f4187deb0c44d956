"""Diffusion in zero dimensions: a Gaussian base and an odd perceptron, which learns the samples' own exact score."""

import math
from pathlib import Path as FilePath
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples, Watch
from emulant.contracts.system import System
from emulant.families._family import ModelFamily, tensors_of
from emulant.families._pde_residual import study_pde_residual
from emulant.families._sampling import EVALUATIONS, follow_flow, follow_noise
from emulant.families._site_table import LEVELS, SiteTable
from emulant.networks.pointwise import OddPerceptron
from emulant.transport.empirical import folded_histogram
from emulant.transport.likelihood import log_likelihood
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import path_from
from emulant.transport.solvers import flow_times, latent_grid

__all__ = ["Model", "studies"]

studies = {"pde_residual": study_pde_residual}

FINEST, COARSEST = 0.02, 20.0
"""Ends of the noise levels in units of √v: noise that changes the variance by 4·10⁻⁴, and leaves 1/400 of it."""

START, SOFTENING = 10.0, 0.2
"""First noise of a generation, and the noise below which its steps are linear, in units of √v: at the first
1 % of the variance is the field's, the second is less than ONSET."""

ONSET = 0.25
"""Noise in units of √v below which F falls like s: the width of peaks at ±1 in arXiv:2410.21212."""

SPAN = 12
"""Length of the range -6 ... 6 that the bumps of the embedding of noise cover (`networks.lattice`)."""

LATE = LEVELS // 4
"""Noise levels that are uniform in the time of the path; the others are in the solver variable, in which
all solvers but the stochastic ones step."""

ORDER = 6
"""Of the solver's error in the step: with one variable the table is smooth enough for it."""


class Model(ModelFamily):
    """D(x, s) = v x / (v + s²) + c_out(s) F(x, s), c_out = √v s / √(v + s²), of x = φ₀ + s z with <φ₀²> = v.

    Training regresses F on that of the training samples' own denoiser (`empirical`), tabulated over noise levels
    and x: there is no noise in the target, and what is left of the loss is the square of the error of F.

    Arguments:
        settings: the model block of the config: path, network, generation, ...
        variance: v.
        histogram: magnitudes and shares of training samples, of which the table is made; None where training is over.
    """

    site_shape = (1,)

    def __init__(
        self, settings: dict[str, Any], variance: float, histogram: tuple[Tensor, Tensor] | None = None
    ) -> None:
        super().__init__()
        self.settings, self.variance = settings, float(variance)
        self.path = path_from(settings["path"])
        self.measure = ModeMeasure(torch.tensor([self.variance], dtype=torch.float64), (1,))
        sizes = {key: settings["network"][key] for key in ("channels", "blocks", "embedding")}
        self.network = OddPerceptron(1, **sizes)
        self.noise_min, self.noise_max = FINEST * self.field_unit(), COARSEST * self.field_unit()
        self.table = SiteTable.empty()
        if histogram is not None:
            self.table = SiteTable.of(histogram, self.variance, self._levels())

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor, system: System | None = None) -> Self:
        """Fit to training fields (N, 1); the network starts at zero output. `system` is not used."""
        squares = sum(float(part.double().square().sum()) for part in data.split(1 << 20))
        return cls(settings, squares / len(data), folded_histogram(data))

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            model = cls(record["settings"], float(tensors.pop("variance")))
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """The variance."""
        return {"variance": torch.tensor(self.variance, dtype=torch.float64)}

    def examples(self, data: Tensor, seed: int) -> Examples:
        """Training fields, of which the loss takes the number alone: its target is computed from all of them."""
        return Examples(data, held_out=False)

    def place(self, device: torch.device | str) -> Self:
        """Move network, measure and table to `device`."""
        self.measure = self.measure.to(device)
        self.table = self.table.to(device)
        return super().place(device)

    def field_unit(self) -> float:
        """The unit in which the path measures fields: √v."""
        return math.sqrt(self.variance)

    def residual(self, x: Tensor, noise: Tensor) -> Tensor:
        """F(x, s), shapes (N, 1), (N,) or (1,); it vanishes as s where p is smooth on the scale of s."""
        spread = (self.variance + noise.double() ** 2).sqrt()
        share = (noise / self.noise_min).log()
        position = SPAN * share / math.log(self.noise_max / self.noise_min) - SPAN / 2
        onset = noise / (noise**2 + (ONSET * self.field_unit()) ** 2).sqrt()
        whitened = x / spread[:, None].to(x.dtype)
        output = self.network(whitened[..., None], position.clamp_max(SPAN / 2).to(x.dtype))
        return output * onset[:, None].to(x.dtype)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Mean square of F minus its target, over len(batch) nodes of the table drawn systematically by their weight."""
        nodes = self.table.drawn(len(batch), generator)
        return (self.residual(nodes.x[:, None], nodes.noise)[:, 0] - nodes.target).square().mean()

    def _levels(self) -> list[float]:
        """Noise levels: three quarters uniform in the solver variable, a quarter in the time of the path."""
        ends, unit = (self.noise_min, self.noise_max), self.field_unit()
        low, high = (self.measure.solver_variable(s) for s in ends)
        start, stop = (float(self.path.time_of_ratio(s / unit)) for s in ends)
        by_solver = torch.linspace(low, high, LEVELS - LATE, dtype=torch.float64).tolist()
        by_time = torch.linspace(start, stop, LATE, dtype=torch.float64).tolist()
        return [self.measure.noise_of(u) for u in by_solver] + [
            unit * float(self.path.ratio(t)) for t in by_time
        ]

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

    def log_likelihood(
        self, fields: Tensor, *, steps: int, probes: int | None, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Log q of fields (N, 1) under the latent flow, and its error (`transport.likelihood`)."""
        return log_likelihood(
            self.residual,
            self.measure,
            fields,
            latent_grid(self.measure, START * self.field_unit(), steps),
            lambda s: 0.0,
            probes=probes,
            generator=generator,
        )

    @property
    def evaluations(self) -> int:
        """Calls of the network for each sample."""
        generation = self.settings["generation"]
        return EVALUATIONS[generation["solver"]] * generation["steps"]

    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Any = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Generate (count, 1) with the solver of settings["generation"]; there are no conditions."""
        latents = torch.randn(count, 1, generator=generator, device=self.measure.power.device)
        return Samples(self.generate(latents, generator, watch))

    @torch.no_grad()
    def generate(self, latents: Tensor, generator: torch.Generator, watch: Watch | None = None) -> Tensor:
        """Fields of standard normal latents (N, 1): a map where the solver is a flow.

        With a single mode the latent flow is the probability flow.
        """
        solver, steps = (self.settings["generation"][key] for key in ("solver", "steps"))
        path, unit = self.path, self.field_unit()
        times = flow_times(path, START, steps, softening=SOFTENING)
        x = math.hypot(float(path.signal(times[0])), float(path.noise(times[0]))) * latents
        if solver in ("latent_flow", "probability_flow"):
            return unit * follow_flow(self.score, path, x, times, unit=unit, order=ORDER, watch=watch)
        last = float(path.time_of_ratio(FINEST))
        x = follow_noise(solver, self.score, path, x, (times[0], last), steps, generator)
        return unit / float(path.signal(last)) * x
