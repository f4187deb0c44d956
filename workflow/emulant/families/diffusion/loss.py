"""The regression of a denoiser in its preconditioning, with the forces of a known action where there is one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.families.diffusion.preconditioning import Preconditioning, against, reciprocal
from emulant.transport.measures import ModeMeasure, mean_power
from emulant.transport.paths import Path
from emulant.transport.targets import force_target

__all__ = ["Forces", "denoising_loss", "even", "noisy_examples", "reaching"]

MEASURED = 16384
"""Fields whose forces are measured: an error of 1 % in each mode's power."""

SMALLEST = 1e-6
"""Least power of the force of the interaction over that of the measured modes: a free field has none but rounding."""

Gradient = Callable[[Tensor], Tensor]
Emphasis = Callable[[Tensor, Tensor], Tensor]
Interaction = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Forces:
    """The force of a known action, which training may use.

    Attributes:
        gradient: grad S of fields, the shape of these.
        power: <|grad S_p|^2> of each mode, in the layout of `ModeMeasure.power`.
    """

    gradient: Gradient
    power: Tensor

    @classmethod
    def measured(cls, gradient: Gradient, fields: Tensor) -> Self:
        """With the power that the forces have on training fields (N, *site_shape)."""
        return cls(gradient, mean_power(gradient(fields[:MEASURED])))

    def to(self, device: torch.device | str) -> Self:
        """The same with the power on `device`."""
        return type(self)(self.gradient, self.power.to(device))

    def unit(self, measure: ModeMeasure) -> float:
        """Root mean square of the force beyond that of the measured modes, over the modes that noise reaches."""
        excess = (self.power - 1 / measure.power).clamp_min(SMALLEST / measure.power)
        return float(excess[measure.noisy.bool()].mean().sqrt())


def even(deviation: Tensor, gain: Tensor) -> Tensor:
    """Weigh all modes alike, which is best for a network that can be right in all of them; c_out and g of each mode."""
    return torch.ones_like(gain)


def reaching(deviation: Tensor, gain: Tensor) -> Tensor:
    """Weigh modes by c_out g, with mean 1 at each noise level: more where noise leaves much of a mode to be told.

    An error n of the network changes the law by g^2 c_out^2/s^2 n^2; the root of that is a compromise with `even`.
    """
    reach = deviation * gain
    return reach / reach.flatten(1).mean(1).reshape(-1, *[1] * (reach.ndim - 1))


def noisy_examples(
    base: Preconditioning,
    fields: Tensor,
    noise: Tensor,
    generator: torch.Generator,
    forces: tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Noisy fields x = x_0 + s z and x_0 - s z, and a target whose mean given x is E[x_0 | x], (2N, *site_shape) each.

    Arguments:
        base: the preconditioning.
        fields: x_0, (N, *site_shape).
        noise: s, (N,).
        generator: of z.
        forces: grad S of the fields, and its power in each mode.
    """
    z = torch.randn(fields.shape, generator=generator, device=fields.device, dtype=fields.dtype)
    z = base.reached(z)
    noise, pair, z = torch.cat([noise, noise]), torch.cat([fields, fields]), torch.cat([z, -z])
    x = pair + against(noise.to(fields.dtype), pair) * z
    if forces is None:
        return x, pair
    force, power = forces
    force = base.reached(force).repeat(2, *[1] * (fields.ndim - 1))
    return x, force_target(pair, force, noise, z, power, base.measure)


def denoising_loss(
    interaction: Interaction,
    base: Preconditioning,
    path: Path,
    fields: Tensor,
    generator: torch.Generator,
    forces: tuple[Tensor, Tensor] | None = None,
    emphasis: Emphasis = even,
) -> Tensor:
    """Squared error of F against (target - D_base)/c_out, in units of g where the target knows the force.

    In these units the target's own noise is about equal in all modes and at all noise levels. Noise comes in
    antithetic pairs (z, -z), so that each field counts twice.

    Arguments:
        interaction: n of x (N, *site_shape), noise (N,) and D_base.
        base: the preconditioning.
        path: of whose time a quarter of the noise levels is uniform.
        fields: training fields, (N, *site_shape).
        generator: of noise levels and noise.
        forces: grad S of the fields, and its power in each mode.
        emphasis: weight of each mode's squared error.
    """
    measure = base.measure
    noise = base.noise_levels(len(fields), path, generator)
    (x, target), noise = noisy_examples(base, fields, noise, generator, forces), torch.cat([noise, noise])
    denoised = measure.denoise(x, noise)
    deviation, gain = base.gains(noise)
    weight = emphasis(deviation, gain).sqrt() * (1.0 if forces is None else reciprocal(gain))
    output = interaction(x, noise, denoised)
    error = measure.transform(output) * (gain * weight).to(x.dtype)
    error = error - measure.transform(target - denoised) * (weight * reciprocal(deviation)).to(x.dtype)
    return measure.inverse(error).square().mean()
