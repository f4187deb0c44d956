r"""Analytic base measure of a model: independent Fourier modes with the measured power.

For a noisy field :math:`x = x_0 + s z` whose modes are independent Gaussians of power :math:`C(p)` the denoiser
is the Wiener filter, and the probability flow is :math:`x_p(s) = \sqrt{C(p) + s^2}\, y_p` with constant latent
:math:`y`. A network adds the remainder: with :math:`D = D_{\rm base} + c_{\rm out} F` the latent obeys
:math:`dy_p = -F_p\, d\theta_p`, :math:`\theta_p = \arctan(s/\sqrt{C(p)})`, for which few steps suffice.
The zero mode, the order parameter, may have a law of two phases: then its quantile map replaces the Gaussian's.
"""

import math

import numpy as np
import torch
from torch import Tensor

from emulant.transport.order_parameter import SymmetricMixture

__all__ = ["ModeMeasure", "mean_power"]


class ModeMeasure:
    r"""Independent Fourier modes: Gaussian of given power, the zero mode optionally a mixture.

    Arguments:
        power: :math:`C(p) = \langle|\phi_p|^2\rangle` with the orthonormal transform, in `rfftn` layout, shape
            (*half shape), float64, positive.
        site_shape: the lattice shape.
        zero_mode: the law of the zero mode :math:`\sqrt V M`, or None for a Gaussian one.
        noisy: 1 for the modes that noise reaches and 0 for those that stay as they are, in the layout of `power`;
            all of them by default.

    Attributes:
        origin: index of the zero mode in an array of modes.
        softening: noise below which the solver variable is linear in the noise.
    """

    def __init__(
        self,
        power: Tensor,
        site_shape: tuple[int, ...],
        zero_mode: SymmetricMixture | None = None,
        noisy: Tensor | None = None,
    ):
        self.site_shape = tuple(site_shape)
        self.dims = tuple(range(-len(self.site_shape), 0))
        self.power = power
        self.zero_mode = zero_mode
        self.noisy = torch.ones_like(power) if noisy is None else noisy.to(power)
        self.origin = (..., *([0] * len(self.site_shape)))
        # A fifth of the smallest standard deviation of a mode: noise below that changes any mode by a few per cent.
        self.softening = 0.2 * float(power.min().sqrt())

    @classmethod
    def fit(cls, fields: Tensor, *, zero_mode_components: int = 6, chunk: int = 8192) -> "ModeMeasure":
        """Measure the power of each mode, averaged over the symmetries of the lattice, and the zero mode's law."""
        site_shape, zero = tuple(fields.shape[1:]), None
        if zero_mode_components:
            modes = torch.cat([part.double().flatten(1).sum(1) for part in fields.split(chunk)])
            zero = SymmetricMixture.fit(modes / math.sqrt(math.prod(site_shape)), zero_mode_components)
        return cls(mean_power(fields, chunk=chunk), site_shape, zero)

    def to(self, device: torch.device | str) -> "ModeMeasure":
        """Copy to `device`."""
        zero = None if self.zero_mode is None else self.zero_mode.to(device)
        return ModeMeasure(self.power.to(device), self.site_shape, zero, self.noisy.to(device))

    def transform(self, fields: Tensor) -> Tensor:
        """Transform fields over the sites to orthonormal Fourier modes in `rfftn` layout."""
        return torch.fft.rfftn(fields, dim=self.dims, norm="ortho")

    def inverse(self, modes: Tensor) -> Tensor:
        """Transform modes back to sites."""
        return torch.fft.irfftn(modes, s=self.site_shape, dim=self.dims, norm="ortho")

    def zero_mode_of(self, fields: Tensor) -> Tensor:
        """Compute the zero mode sqrt(V) M of fields (N, *site_shape), (N,) float64."""
        return fields.flatten(1).double().sum(1) / math.sqrt(math.prod(self.site_shape))

    def whitened(self, fields: Tensor, noise: Tensor) -> Tensor:
        """Scale every mode of fields at noise (N,) to unit power."""
        power, s = self.power_like(noise)
        return self.filtered(fields, (power + s**2).rsqrt())

    def symmetrised(self, modes: Tensor) -> Tensor:
        """Average real functions of modes (*half shape) over the symmetries of the lattice."""
        return _half(_symmetrised(_whole(modes, self.site_shape)), self.site_shape)

    def filtered(self, fields: Tensor, gain: Tensor) -> Tensor:
        """Multiply each mode by `gain`, broadcast over the batch."""
        return self.inverse(self.transform(fields) * gain.to(fields.dtype))

    def power_like(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return power and noise (N,) of each mode, broadcastable against modes."""
        return self.power, noise.double().reshape(-1, *([1] * len(self.site_shape))) * self.noisy

    def denoise(self, fields: Tensor, noise: Tensor) -> Tensor:
        """Compute E[x_0 | x] under this measure; fields (N, *shape), noise (N,) in units of the field."""
        power, s = self.power_like(noise)
        modes = self.transform(fields) * (power / (power + s**2)).to(fields.dtype)
        if self.zero_mode is not None:
            mean = self.zero_mode.posterior_mean(self.zero_mode_of(fields), noise)
            modes[self.origin] = mean.to(fields.dtype)
        return self.inverse(modes)

    def output_gain(self, noise: Tensor, zero_deviation: Tensor) -> Tensor:
        r"""Compute c_out(p), root of the posterior variance :math:`C s^2/(C+s^2)` of each mode; (N, *half shape)."""
        power, s = self.power_like(noise)
        gain = (power * s**2 / (power + s**2)).sqrt()
        if self.zero_mode is not None:
            gain = gain.clone()
            gain[self.origin] = zero_deviation.double()
        return gain

    def from_latent(self, latent: Tensor, noise: float) -> Tensor:
        """Map a standard normal latent (N, *shape) to the field at this noise."""
        return self.inverse(self.coloured(self.transform(latent), noise))

    def coloured(self, modes: Tensor, noise: float) -> Tensor:
        """Map modes of a standard normal latent to those of the field at this noise."""
        out = modes * self._total(noise).sqrt().to(modes.real.dtype)
        if self.zero_mode is not None:
            origin = self.zero_mode.from_latent(modes[self.origin].real, noise)
            out[self.origin] = origin.to(out.dtype)
        return out

    def to_latent(self, fields: Tensor, noise: float) -> Tensor:
        """Invert `from_latent`."""
        modes = self.transform(fields)
        origin = modes[self.origin].real.clone()
        modes = modes / self._total(noise).sqrt().to(fields.dtype)
        if self.zero_mode is not None:
            modes[self.origin] = self.zero_mode.to_latent(origin, noise).to(fields.dtype)
        return self.inverse(modes)

    def _total(self, noise: float) -> Tensor:
        """Return the power of field and noise together."""
        return self.power + noise**2 * self.noisy

    def clock(self, noise: float) -> Tensor:
        """Compute theta(p), the latent's time at this noise; for the zero mode of a mixture, the solver variable."""
        theta = torch.arctan(noise / self.power.sqrt())
        if self.zero_mode is not None:
            theta = theta.clone()
            theta[self.origin] = self.solver_variable(noise)
        return theta

    def mean_clocks(self, noise: np.ndarray) -> np.ndarray:
        """Average theta over the modes that noise reaches, (N,) at noise (N,)."""
        deviations = self.power[self.noisy > 0].sqrt().cpu().numpy()
        return np.arctan(noise[:, None] / deviations).mean(1)

    def solver_variable(self, noise: float) -> float:
        """Compute u = log(1 + s/s_c): logarithmic in the noise, regular at zero."""
        return math.log1p(noise / self.softening)

    def solver_variables(self, noise: Tensor) -> Tensor:
        """Compute `solver_variable` of many noise levels, (N,) float64."""
        return torch.log1p(noise.double() / self.softening)

    def noise_of(self, variable: float) -> float:
        """Invert `solver_variable`."""
        return self.softening * math.expm1(variable)

    def latent_rate(self, residual: Tensor, fields: Tensor, noise: float, zero_deviation: float) -> Tensor:
        """Compute -dy/d(clock) in modes for a network residual F: F itself except for a mixture's zero mode."""
        modes = self.transform(residual)
        if self.zero_mode is not None:
            slope = self.zero_mode.latent_slope(self.zero_mode_of(fields), noise)
            factor = zero_deviation / noise * (noise + self.softening)
            modes[self.origin] *= (slope * factor).to(residual.dtype)
        return modes


def mean_power(fields: Tensor, *, chunk: int = 8192) -> Tensor:
    """Compute <|phi_p|^2> of fields (N, *site_shape) in `rfftn` layout, averaged over the lattice's symmetries."""
    shape = tuple(fields.shape[1:])
    dims = tuple(range(-len(shape), 0))
    total = sum(
        torch.fft.fftn(part.double(), dim=dims, norm="ortho").abs().square().sum(0)
        for part in fields.split(chunk)
    )
    return _half(_symmetrised(total / len(fields)), shape)


def _half(modes: Tensor, shape: tuple[int, ...]) -> Tensor:
    return modes[..., : shape[-1] // 2 + 1].contiguous()


def _whole(modes: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Expand real functions of modes from `rfftn` to `fftn` layout: modes p and -p are equal."""
    rest = modes[..., 1 : (shape[-1] + 1) // 2].flip(-1)
    axes = tuple(range(modes.ndim - 1))
    return torch.cat([modes, rest.flip(axes).roll([1] * len(axes), axes) if axes else rest], dim=-1)


def _symmetrised(power: Tensor) -> Tensor:
    """Average over reflections of each axis and exchanges of equally long axes."""
    axes = range(power.ndim)
    for axis in axes:
        power = 0.5 * (power + power.flip(axis).roll(1, axis))
    for i in axes:
        for j in range(i):
            if power.shape[i] == power.shape[j]:
                power = 0.5 * (power + power.transpose(i, j))
    return power
