"""What stands around the network: a denoiser that is exact for the measured modes, and the scale of the rest."""

import math
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import Path

__all__ = ["Preconditioning", "against", "reciprocal"]

NOISE_SPAN = 20.0
"""Largest noise over the largest scale that it hides: a Gaussian mode keeps 1/400 of its variance."""

FINEST = 0.1
"""Smallest noise of training over the standard deviation of the stiffest mode: 1 % of its variance."""

INTERACTION = 0.3
"""A guess at the force of the interaction over that of the measured modes, where forces are not known."""

ZERO_TABLE = 160
"""Noise levels, uniform in log s, at which c_out of the zero mode is tabulated: one costs a quadrature."""


@dataclass(frozen=True)
class Preconditioning:
    r"""D(x, s) = D_base(x, s) + c_out(s) F(x, s) with F = g n of a network n.

    c_out^2 is the posterior variance of each mode. With the gain g = u c_out / sqrt(1 + u^2 c_out^2) and small c_out,
    u n is the smoothed force of what the base lacks, the interaction (with the opposite sign the gradient of the
    effective action at noise s beyond its measured modes); g is about the noise of the regression's target.

    Attributes:
        measure: independent modes, whose denoiser is D_base.
        unit: u, the size of the force of the interaction.
        noise_min, noise_max: ends of the noise levels of training.
        log_noise: logarithms of the noise levels of `zero_table`.
        zero_table: c_out of the zero mode.
    """

    measure: ModeMeasure
    unit: float
    noise_min: float
    noise_max: float
    log_noise: Tensor
    zero_table: Tensor

    @classmethod
    def of(cls, measure: ModeMeasure, *, noise_span: float = NOISE_SPAN, unit: float | None = None) -> Self:
        """For a measure; `noise_span` is the largest noise over the largest scale, `unit` INTERACTION if None."""
        lowest, highest = FINEST * float(measure.power.min().sqrt()), noise_span * _hidden_scale(measure)
        low, high = math.log(0.1 * lowest), math.log(1.01 * highest)
        log_noise = torch.linspace(low, high, ZERO_TABLE, dtype=torch.float64)
        zero = measure.zero_mode
        table = [zero.posterior_deviation(math.exp(u)) if zero else 0.0 for u in log_noise]
        unit = INTERACTION * float((1 / measure.power).mean().sqrt()) if unit is None else unit
        return cls(measure, unit, lowest, highest, log_noise, torch.tensor(table, dtype=torch.float64))

    def to(self, device: torch.device | str) -> Self:
        """The same with its tensors on `device`."""
        tables = {"log_noise": self.log_noise.to(device), "zero_table": self.zero_table.to(device)}
        return replace(self, measure=self.measure.to(device), **tables)

    def zero_deviation(self, noise: Tensor) -> Tensor:
        """c_out of the zero mode at noise (N,), interpolated in log noise."""
        cells = (noise.double().clamp_min(1e-300).log() - self.log_noise[0]) / (
            self.log_noise[1] - self.log_noise[0]
        )
        cells = cells.clamp(0, ZERO_TABLE - 1.001)
        index = cells.long()
        left, right = self.zero_table[index], self.zero_table[index + 1]
        return left + (right - left) * (cells - index)

    def output_gain(self, noise: Tensor) -> Tensor:
        """c_out of each mode at noise (N,), (N, *half shape)."""
        return self.measure.output_gain(noise, self.zero_deviation(noise))

    def gains(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """c_out and the gain g of each mode at noise (N,), (N, *half shape)."""
        deviation = self.output_gain(noise)
        force = self.unit * deviation
        return deviation, force / (1 + force**2).sqrt()

    def inputs(self, noise: Tensor, base: Tensor, whitened: Tensor) -> tuple[Tensor, Tensor]:
        """What the network is shown: fields (N, 2, *site_shape) and the position of the noise (N,) in [-6, 6].

        Arguments:
            noise: s, (N,).
            base: D_base(x, s), (N, *site_shape).
            whitened: x at s with every mode of unit power.
        """
        power, s = self.measure.power_like(noise)
        scale = (power**2 / (power + s**2)).flatten(1).mean(1).rsqrt().to(whitened.dtype)
        span = math.log(self.noise_max / self.noise_min)
        position = 12 * (noise / self.noise_min).log() / span - 6
        return torch.stack([whitened, base * against(scale, base)], dim=1), position.to(whitened.dtype)

    def noise_levels(self, count: int, path: Path, generator: torch.Generator) -> Tensor:
        """Draw noise of `count` examples: three quarters stratified in the solver variable, the rest in path time."""
        device = self.measure.power.device
        offset = torch.rand((), generator=generator, device=device, dtype=torch.float64)
        strata = (torch.arange(count, device=device) + offset) / count
        strata = strata[torch.randperm(count, generator=generator, device=device)]
        low, high = (self.measure.solver_variable(s) for s in (self.noise_min, self.noise_max))
        by_solver = self.measure.softening * torch.expm1(low + (high - low) * strata)
        unit = self.field_unit()
        early, late = (float(path.time_of_ratio(s / unit)) for s in (self.noise_min, self.noise_max))
        by_time = unit * path.ratio(early + (late - early) * strata)
        return torch.where(torch.arange(count, device=device) % 4 == 0, by_time, by_solver)

    def field_unit(self) -> float:
        """Root mean square of the fields, the unit of the path, so that VP preserves variance."""
        shape = self.measure.site_shape
        weights = torch.full(
            (shape[-1] // 2 + 1,), 2.0, dtype=torch.float64, device=self.measure.power.device
        )
        weights[0] = 1.0
        if shape[-1] % 2 == 0:
            weights[-1] = 1.0
        return float(((self.measure.power * weights).sum() / math.prod(shape)).sqrt())

    def reached(self, fields: Tensor) -> Tensor:
        """Fields with the modes that noise reaches alone."""
        return fields if bool(self.measure.noisy.all()) else self.measure.filtered(fields, self.measure.noisy)


def _hidden_scale(measure: ModeMeasure) -> float:
    """The scale that the noise must hide: the largest mode, or the largest but a mixture's zero mode."""
    power = (measure.power * measure.noisy).flatten()
    return float((power if measure.zero_mode is None else power[1:]).max().sqrt())


def reciprocal(values: Tensor) -> Tensor:
    """1/x, and 0 where x is 0: modes without noise have no error to weigh."""
    return torch.where(values > 0, 1 / values, torch.zeros_like(values))


def against(values: Tensor, fields: Tensor) -> Tensor:
    """(N,) -> (N, 1, ..., 1), to multiply fields."""
    return values.reshape(-1, *[1] * (fields.ndim - 1))
