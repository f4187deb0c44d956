"""Diffusion and flow matching on fields: a mode measure plus the force of the interaction, on any of the paths."""

import math
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from emulant.models._family import ModelFamily
from emulant.networks.lattice import OddLatticeNetwork
from emulant.networks.pointwise import OddPerceptron
from emulant.systems import System
from emulant.transport.calibration import Calibration
from emulant.transport.measures import ModeMeasure, mean_power
from emulant.transport.order_parameter import SymmetricMixture
from emulant.transport.paths import path_from
from emulant.transport.solvers import (
    euler_maruyama,
    flow_times,
    latent_flow,
    latent_grid,
    predictor_corrector,
    probability_flow,
)
from emulant.transport.targets import force_target

__all__ = ["Model"]

ZERO_TABLE = 160
MEASURED_FORCES = 16384
CALIBRATION_LEVELS, CALIBRATION_FIELDS = 12, 24576

Force = Callable[[Tensor], Tensor]


class Model(ModelFamily):
    """D(x, s) = D_base(x, s) + c_out(s) F(x, s): base from the measured modes, F from an odd network n.

    c_out^2 is the posterior variance of each mode. F = g n with the gain g = u c_out / sqrt(1 + u^2 c_out^2), so that
    where c_out is small u n is the smoothed force of what the base lacks, the interaction (with the opposite sign the
    gradient of the effective action at noise s beyond its measured modes); u is the size of that force, and g about
    the noise of the regression's target. What the measured modes already explain is taken out of F (`calibrate`).

    Arguments:
        settings: the model block of the config: path, network, generation, ...
        measure: the analytic starting point.
        force: grad S of fields, where training may use it.
    """

    noises_per_field = 2

    def __init__(self, settings: dict[str, Any], measure: ModeMeasure, force: Force | None = None) -> None:
        super().__init__()
        self.settings, self.measure, self.force = settings, measure, force
        self.force_power: Tensor | None = None
        self.calibration: Calibration | None = None
        self.path = path_from(settings["path"])
        self.site_shape = measure.site_shape
        self.network = _network(settings["network"], self.site_shape)
        self.unit = 0.3 * float((1 / measure.power).mean().sqrt())
        self.noise_min = 0.1 * float(measure.power.min().sqrt())
        self.noise_max = settings.get("noise_span", 20.0) * self._hidden_scale()
        low, high = math.log(0.1 * self.noise_min), math.log(1.01 * self.noise_max)
        self._log_noise = torch.linspace(low, high, ZERO_TABLE, dtype=torch.float64)
        zero = measure.zero_mode
        table = [zero.posterior_deviation(math.exp(u)) if zero else 0.0 for u in self._log_noise]
        self._zero_table = torch.tensor(table, dtype=torch.float64)

    def _hidden_scale(self) -> float:
        """The scale that the noise must hide: the largest mode, or the largest but a mixture's zero mode."""
        power = (self.measure.power * self.measure.noisy).flatten()
        return float((power if self.measure.zero_mode is None else power[1:]).max().sqrt())

    @classmethod
    def build(cls, settings: dict[str, Any], fields: Tensor, system: System | None = None) -> "Model":
        """Fit the measure to training fields (N, *shape); the network starts at zero output.

        With settings["target"] = forces, and `system` given, training uses the force of its action (`force_target`).
        """
        components = settings.get("zero_mode_components", 6) if fields[0].numel() > 1 else 0
        measure = ModeMeasure.fit(fields, zero_mode_components=components)
        if settings.get("target", "fields") != "forces" or system is None:
            return cls(settings, measure)
        force = system.gradient
        model = cls(settings, measure, force)
        model.force_power = mean_power(force(fields[:MEASURED_FORCES]))
        excess = (model.force_power - 1 / measure.power).clamp_min(1e-6 / measure.power)
        model.unit = float(excess.mean().sqrt())
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> "Model":
        """From model.json's record and the safetensors file."""
        tensors = load_file(weights)
        zero = None
        if "measure.centres" in tensors:
            zero = SymmetricMixture(
                tensors.pop("measure.centres"),
                tensors.pop("measure.weights"),
                float(tensors.pop("measure.width")),
            )
        measure = ModeMeasure(tensors.pop("measure.power"), tuple(record["site_shape"]), zero)
        return cls(record["settings"], measure).restored(tensors, weights)

    def restored(self, tensors: dict[str, Tensor], weights: FilePath) -> "Model":
        """With unit, calibration and network of a file `weights` that holds nothing else."""
        self.unit = float(tensors.pop("unit"))
        calibration = {
            key: tensors.pop(f"calibration.{key}")
            for key in ("variables", "linear", "zero")
            if f"calibration.{key}" in tensors
        }
        self.calibration = Calibration.from_tensors(calibration) if calibration else None
        return self.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Measure, unit and calibration."""
        out = {"measure.power": self.measure.power, "unit": torch.tensor(self.unit, dtype=torch.float64)}
        if self.measure.zero_mode is not None:
            out["measure.centres"] = self.measure.zero_mode.centres
            out["measure.weights"] = self.measure.zero_mode.weights
            out["measure.width"] = torch.tensor(self.measure.zero_mode.width, dtype=torch.float64)
        if self.calibration is not None:
            out |= {f"calibration.{key}": value for key, value in self.calibration.tensors().items()}
        return out

    @torch.no_grad()
    def calibrate(self, fields: Tensor, generator: torch.Generator) -> None:
        """Measure on training fields (N, *site_shape) what to subtract from F."""
        low, high = (self.measure.solver_variable(s) for s in (self.noise_min, self.noise_max))
        steps = [low + (high - low) * k / (CALIBRATION_LEVELS - 1) for k in range(CALIBRATION_LEVELS)]
        device = self.measure.power.device
        chosen = torch.randperm(len(fields), generator=torch.Generator().manual_seed(0))[:CALIBRATION_FIELDS]
        levels = [self.measure.noise_of(u) for u in steps]
        self.calibration = None
        self.calibration = Calibration.measure(
            self.residual, self.measure, fields[chosen].to(device), levels, generator
        )

    def place(self, device: torch.device | str) -> "Model":
        """Move network, measure and tables to `device`."""
        self.measure = self.measure.to(device)
        self._log_noise, self._zero_table = self._log_noise.to(device), self._zero_table.to(device)
        if self.force_power is not None:
            self.force_power = self.force_power.to(device)
        if self.calibration is not None:
            self.calibration = self.calibration.to(device)
        return super().place(device)

    def zero_deviation(self, noise: Tensor) -> Tensor:
        """c_out of the zero mode at noise (N,), interpolated in log noise."""
        place = (noise.double().clamp_min(1e-300).log() - self._log_noise[0]) / (
            self._log_noise[1] - self._log_noise[0]
        )
        place = place.clamp(0, ZERO_TABLE - 1.001)
        index = place.long()
        left, right = self._zero_table[index], self._zero_table[index + 1]
        return left + (right - left) * (place - index)

    def gains(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """c_out and the gain g of each mode at noise (N,), (N, *half shape)."""
        deviation = self.measure.output_gain(noise, self.zero_deviation(noise))
        force = self.unit * deviation
        return deviation, force / (1 + force**2).sqrt()

    def interaction(self, x: Tensor, noise: Tensor, base: Tensor, whitened: Tensor) -> Tensor:
        """n(x, s); `base` and `whitened` are what the measure makes of x at s."""
        power, s = self.measure.power_like(noise)
        scale = (power**2 / (power + s**2)).flatten(1).mean(1).rsqrt().to(x.dtype)
        inputs = torch.stack([whitened, base * _against(scale, base)], dim=1)
        span = math.log(self.noise_max / self.noise_min)
        position = 12 * (noise / self.noise_min).log() / span - 6
        return self.network(inputs, position.to(x.dtype))

    def residual(self, x: Tensor, noise: Tensor, base: Tensor | None = None) -> Tensor:
        """F(x, s): x = x_0 + s z of shape (N, *site_shape), noise s of shape (N,)."""
        base = self.measure.denoise(x, noise) if base is None else base
        whitened = self.measure.whitened(x, noise)
        found = self.measure.filtered(self.interaction(x, noise, base, whitened), self.gains(noise)[1])
        if self.calibration is None:
            return found
        return found - self.calibration.explained(self.measure, x, whitened, noise)

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Squared error of F against (target - D_base)/c_out, in units of g where the target knows the force.

        In these units the target's own noise is about equal in all modes and at all noise levels. Noise comes in
        antithetic pairs (z, -z), its levels stratified: three quarters uniform in the solver variable, a quarter in
        the time of the path.
        """
        half = len(x0)
        noise = self._noise_levels(half, generator, x0.device)
        z = self._reached(torch.randn(x0.shape, generator=generator, device=x0.device, dtype=x0.dtype))
        noise, pair, z = torch.cat([noise, noise]), torch.cat([x0, x0]), torch.cat([z, -z])
        x, target, weight = pair + _against(noise.to(x0.dtype), pair) * z, pair, 1.0
        base = self.measure.denoise(x, noise)
        deviation, gain = self.gains(noise)
        if self.force_power is not None:
            force = self._reached(self.force_on(x0)).repeat(2, *[1] * (x0.ndim - 1))
            target = force_target(pair, force, noise, z, self.force_power, self.measure)
            weight = _reciprocal(gain)
        found = self.interaction(x, noise, base, self.measure.whitened(x, noise))
        error = self.measure.transform(found) * (gain * weight).to(x.dtype)
        error = error - self.measure.transform(target - base) * (weight * _reciprocal(deviation)).to(x.dtype)
        return self.measure.inverse(error).square().mean()

    def force_on(self, fields: Tensor) -> Tensor:
        """Grad S of what training shows to the network."""
        return self.force(fields)

    def _reached(self, fields: Tensor) -> Tensor:
        """The modes that noise reaches."""
        return fields if bool(self.measure.noisy.all()) else self.measure.filtered(fields, self.measure.noisy)

    def _noise_levels(self, count: int, generator: torch.Generator, device: torch.device) -> Tensor:
        offset = torch.rand((), generator=generator, device=device, dtype=torch.float64)
        place = (torch.arange(count, device=device) + offset) / count
        place = place[torch.randperm(count, generator=generator, device=device)]
        low, high = (self.measure.solver_variable(s) for s in (self.noise_min, self.noise_max))
        by_solver = self.measure.softening * torch.expm1(low + (high - low) * place)
        unit = self.field_unit()
        early, late = (float(self.path.time_of_ratio(s / unit)) for s in (self.noise_min, self.noise_max))
        by_time = unit * self.path.ratio(early + (late - early) * place)
        return torch.where(torch.arange(count, device=device) % 4 == 0, by_time, by_solver)

    def field_unit(self) -> float:
        """The unit in which the path measures fields: their root mean square, so that VP preserves variance."""
        shape = self.site_shape
        weights = torch.full(
            (shape[-1] // 2 + 1,), 2.0, dtype=torch.float64, device=self.measure.power.device
        )
        weights[0] = 1.0
        if shape[-1] % 2 == 0:
            weights[-1] = 1.0
        return float(((self.measure.power * weights).sum() / math.prod(shape)).sqrt())

    def score(self, x: Tensor, t: float) -> Tensor:
        """Gradient of log p_t at x on the path, in the path's own units of the field (field/field_unit)."""
        signal, unit = float(self.path.signal(t)), self.field_unit()
        noise = torch.full((len(x),), float(self.path.ratio(t)) * unit, device=x.device)
        denoised = self.denoise(x / signal * unit, noise) / unit
        return self.path.score_from_denoiser(denoised, x, t)

    def denoise(self, x: Tensor, noise: Tensor) -> Tensor:
        """D(x, s) = E[x_0 | x_0 + s z = x], shapes (N, *site_shape), (N,)."""
        base = self.measure.denoise(x, noise)
        gain = self.measure.output_gain(noise, self.zero_deviation(noise))
        return base + self.measure.filtered(self.residual(x, noise, base), gain)

    def grid(self, steps: int) -> list[float]:
        """Noise levels of the default solver."""
        return latent_grid(self.measure, self.noise_max, steps)

    def latents(self, count: int, generator: torch.Generator) -> Tensor:
        """What generation starts from: fields (count, *site_shape) of independent standard normal modes."""
        device = self.measure.power.device
        return torch.randn(count, *self.site_shape, generator=generator, device=device)

    @torch.no_grad()
    def sample(
        self, count: int, generator: torch.Generator, *, watch: Callable[[Tensor, float], None] | None = None
    ) -> Tensor:
        """Generate `count` fields with the solver of settings["generation"]; `watch` sees (x_0 + s z, s) on the way."""
        solver, steps = (self.settings["generation"][key] for key in ("solver", "steps"))
        device = self.measure.power.device
        start = self.latents(count, generator)
        if solver == "latent_flow":
            return latent_flow(
                lambda x, s: self.residual(x, x.new_full((len(x),), s)),
                self.measure,
                start,
                self.grid(steps),
                lambda s: float(self.zero_deviation(torch.tensor([s], device=device))[0]),
                watch=watch,
            )
        unit = self.field_unit()
        first, last = (float(self.path.time_of_ratio(s / unit)) for s in (self.noise_max, self.noise_min))
        x = self.measure.from_latent(start, self.noise_max) / unit * float(self.path.signal(first))
        if solver == "probability_flow":
            softening = self.measure.softening / unit
            times = flow_times(self.path, self.noise_max / unit, steps, softening=softening)
            seen = watch and (lambda field, s: watch(unit * field, unit * s))
            return unit * probability_flow(self.score, self.path, x, times, watch=seen)
        solve = {"euler_maruyama": euler_maruyama, "predictor_corrector": predictor_corrector}[solver]
        times = torch.linspace(first, last, steps + 1, dtype=torch.float64).tolist()
        x = solve(self.score, self.path, x, times, generator)
        return x * unit / float(self.path.signal(last))


def _network(settings: dict[str, Any], site_shape: tuple[int, ...]) -> nn.Module:
    sizes = {key: settings[key] for key in ("channels", "blocks", "embedding") if key in settings}
    if settings["kind"] == "pointwise":
        return OddPerceptron(**sizes)
    return OddLatticeNetwork(len(site_shape), **sizes)


def _reciprocal(values: Tensor) -> Tensor:
    """1/x, and 0 where x is 0: modes without noise have no error to weigh."""
    return torch.where(values > 0, 1 / values, torch.zeros_like(values))


def _against(values: Tensor, fields: Tensor) -> Tensor:
    """(N,) -> (N, 1, ..., 1), to multiply fields."""
    return values.reshape(-1, *[1] * (fields.ndim - 1))
