r"""The velocity of the flow and what follows from it in closed form, at one time.

.. math:: v = \sum_c K_c * f_c(u_c), \qquad u_c = F_c * \phi, \qquad K_c(k, t) = \sum_{jd} \theta_{cjd} B_j(k) T_d(2t-1)

with fixed filters F_c (`channels`) and basis B_j (`momenta`), so that v is linear in theta. With c_c = V^-1 sum_k F_c K_c

.. math:: \nabla \cdot v = \sum_c c_c \sum_x f_c'(u_c), \qquad
    \frac{ds}{dt} = -\sum_c F_c * [f_c'(u_c) (K_c * s) + c_c f_c''(u_c)]

along the flow for the score s = grad ln q_t, and the derivative of ln q_1 at a fixed field is

.. math:: \frac{\partial \ln q_1}{\partial \theta_{cjd}} = -\int_0^1 dt\, T_d\, \Big[
    V^{-1} \sum_k B_j \mathrm{Re}(s_k^* f_{c,k}) + V^{-1} \sum_k F_c B_j \sum_x f_c'(u_c) \Big].
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from emulant.networks.ridges.channels import Channels
from emulant.networks.ridges.momenta import basis, half_weights

__all__ = ["Kernels", "Velocity", "chebyshev"]


class Kernels(NamedTuple):
    """What the weights say at one time.

    Attributes:
        gains: K_c, (channels, *half shape).
        traces: c_c, (channels,) float64.
        polynomials: T_d(2t - 1), (polynomials,) float64.
    """

    gains: Tensor
    traces: Tensor
    polynomials: Tensor


class Velocity(nn.Module):
    """Filters, basis and sums over them on one lattice; the weights come in through `Kernels`.

    Arguments:
        power: <|phi_k|^2> / V of the Gaussian that the flow begins with, `rfftn` layout, float64.
        shape: of the lattice.
        hats, shells: of the basis.
        surroundings: of the channels.

    Attributes:
        basis: B_j, (functions, *half shape), float64.
        overlaps: V^-1 sum_k F_c B_j, (channels, functions), float64.
    """

    basis: Tensor
    overlaps: Tensor
    weights: Tensor

    def __init__(
        self,
        power: Tensor,
        shape: tuple[int, ...],
        hats: int,
        shells: int,
        surroundings: Sequence[float] = (),
    ) -> None:
        super().__init__()
        self.shape, self.dims, self.volume = shape, tuple(range(-len(shape), 0)), math.prod(shape)
        self.channels = Channels(power, shape, surroundings)
        functions, weights = basis(shape, hats, shells), half_weights(shape)
        filters = (self.channels.filters.double() * weights / self.volume).flatten(1)
        overlaps = (filters @ functions.flatten(1).T)[self.channels.filter_of]
        for name, value in {"basis": functions, "overlaps": overlaps, "weights": weights}.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def operations(self) -> float:
        """Floating-point operations of `rates` for one field, roughly: 2.5 V log2 V a transform, 12 a channel and site."""
        transforms = 2 + len(self.channels.filters) + len(self.channels)
        return self.volume * (2.5 * transforms * math.log2(self.volume) + 12 * len(self.channels))

    def kernels(self, theta: Tensor, t: float) -> Kernels:
        """Evaluate the kernels of weights (channels, functions, polynomials) at a time."""
        polynomials = chebyshev(2 * t - 1, theta.shape[-1]).to(theta.device)
        weights = theta.double() @ polynomials
        gains = torch.einsum("cj,j...->c...", weights, self.basis).to(theta.dtype)
        return Kernels(gains, (weights * self.overlaps).sum(1), polynomials)

    def rates(self, fields: Tensor, kernels: Kernels) -> tuple[Tensor, Tensor]:
        """Compute v, the shape of `fields`, and its divergence, (N,) float64."""
        shapes = self.channels.shapes(fields)
        return self._smeared(shapes.values, kernels), self._divergence(shapes.slopes, kernels)

    def rates_with_score(
        self, fields: Tensor, score: Tensor, kernels: Kernels
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Compute v, its divergence, and ds/dt."""
        shapes = self.channels.shapes(fields)
        traces = kernels.traces.to(fields.dtype).reshape(-1, *[1] * len(self.shape))
        curvatures = self.channels.bending.to(fields.dtype) * shapes.values
        pulled = shapes.slopes * self._spread(score, kernels) + traces * curvatures
        v, divergence = self._smeared(shapes.values, kernels), self._divergence(shapes.slopes, kernels)
        return v, divergence, -self.channels.gathered(pulled)

    def responses(self, fields: Tensor, score: Tensor, kernels: Kernels) -> Tensor:
        """Compute the integrand of d ln q_1 / d theta, (N, channels, functions, polynomials), in the fields' precision."""
        shapes = self.channels.shapes(fields)
        modes = torch.fft.rfftn(shapes.values, dim=self.dims)
        overlap = (torch.fft.rfftn(score, dim=self.dims).conj()[:, None] * modes).real
        functions = (self.basis * self.weights / self.volume).to(fields.dtype).flatten(1)
        slopes = shapes.slopes.flatten(2).sum(2)
        total = overlap.flatten(2) @ functions.T + slopes[..., None] * self.overlaps.to(fields.dtype)
        return -total[..., None] * kernels.polynomials.to(fields.dtype)

    def _smeared(self, values: Tensor, kernels: Kernels) -> Tensor:
        """Sum K_c * f_c over the channels."""
        modes = torch.fft.rfftn(values, dim=self.dims)
        return torch.fft.irfftn((modes * kernels.gains).sum(1), s=self.shape, dim=self.dims)

    def _spread(self, score: Tensor, kernels: Kernels) -> Tensor:
        """K_c * s of each channel."""
        modes = torch.fft.rfftn(score, dim=self.dims)[:, None] * kernels.gains
        return torch.fft.irfftn(modes, s=self.shape, dim=self.dims)

    def _divergence(self, slopes: Tensor, kernels: Kernels) -> Tensor:
        """Sum c_c f' over channels and sites."""
        return slopes.flatten(2).sum(2, dtype=torch.float64) @ kernels.traces


def chebyshev(x: float, count: int) -> Tensor:
    """Evaluate the Chebyshev polynomials T_0 ... T_(count-1) at x in [-1, 1], (count,) float64."""
    angle = math.acos(min(1.0, max(-1.0, x)))
    return torch.tensor([math.cos(number * angle) for number in range(count)], dtype=torch.float64)
