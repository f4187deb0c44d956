"""A Gaussian field along a path: every derivative that the equations need, in closed form."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from emulant.transport.equations.jets import ScalarJet, VectorJet, dot, time_slope
from emulant.transport.gaussian_start import half_modes
from emulant.transport.laws import mode_variance
from emulant.transport.paths import Path

__all__ = ["GaussianField"]


@dataclass(frozen=True)
class GaussianField:
    """Independent Fourier modes on a torus whose variance along the path is a^2 C + b^2.

    Arguments:
        power: C(p) at t = 0 in the layout of `fftn`, the shape of the lattice, float64.
        path: the probability path.
    """

    power: Tensor
    path: Path

    def variance(self, t: float) -> Tensor:
        """Variance of each mode of an orthonormal transform."""
        return mode_variance(self.path, self.power, t)

    def action(self, x: Tensor, t: float) -> Tensor:
        """S = -log p_t with its normaliser, (N,)."""
        variance = self.variance(t)
        constant = 0.5 * float((2 * math.pi * variance).log().sum())
        return 0.5 * dot(x, self.filtered(x, 1 / variance)) + constant

    def score(self, x: Tensor, t: float) -> Tensor:
        """Gradient of log p_t."""
        return -self.filtered(x, 1 / self.variance(t))

    def action_jet(self, x: Tensor, t: float) -> ScalarJet:
        """Derivatives of the action."""
        variance = self.variance(t)
        growth = time_slope(self.variance, t)
        slope = 0.5 * (growth / variance).sum() - 0.5 * dot(x, self.filtered(x, growth / variance**2))
        laplacian = (1 / variance).sum().to(x.dtype).expand(len(x))
        return ScalarJet(slope, self.filtered(x, 1 / variance), laplacian)

    def score_jet(self, x: Tensor, t: float) -> VectorJet:
        """Derivatives of the score."""
        variance = self.variance(t)
        return self.linear_jet(x, -1 / variance, time_slope(self.variance, t) / variance**2)

    def velocity_jet(self, x: Tensor, t: float) -> VectorJet:
        """Derivatives of the probability flow's velocity, of each mode v = x d ln(deviation)/dt."""

        def gain(time: float) -> Tensor:
            return 0.5 * time_slope(lambda later: self.variance(later).log(), time)

        return self.linear_jet(x, gain(t), time_slope(gain, t))

    def linear_jet(self, x: Tensor, gain: Tensor, growth: Tensor) -> VectorJet:
        """Derivatives of a linear field that multiplies each mode by `gain`, whose slope in time is `growth`."""

        def applied(w: Tensor) -> Tensor:
            return self.filtered(w, gain)

        divergence = gain.sum().to(x.dtype).expand(len(x))
        return VectorJet(
            applied(x), self.filtered(x, growth), divergence, torch.zeros_like(x), applied, applied
        )

    def filtered(self, x: Tensor, gain: Tensor) -> Tensor:
        """Multiply each mode of fields (N, *shape) by a gain in the layout of `fftn`."""
        dims = tuple(range(1, x.ndim))
        modes = torch.fft.rfftn(x, dim=dims) * half_modes(gain).to(x.dtype)
        return torch.fft.irfftn(modes, s=x.shape[1:], dim=dims)
