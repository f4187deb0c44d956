r"""Operators of which the potential of a layer is a sum, with gradients and Laplacians in closed form.

They are functions of the field as a Gaussian of covariance C denoises it, y = G phi with G = C / (C + tau): filtered waves
sum_x cos(w u_x), u = F y, which are bounded, so that nothing runs away far from the points of the fit; sum_x y^4; and
quadratic forms in y. With g = V^-1 sum_k F^2 G^2 the trace of G^2 times the second derivatives is -w^2 g sum_x cos(w u_x).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from emulant.lattice.action import neighbour_sum
from emulant.scalar.fields import half_spectrum
from emulant.transport.gaussian_start import half_modes

__all__ = ["Evaluated", "Operators"]

NEIGHBOURS = 0.25
"""Part of the sum over neighbours that is added to the field of a filter: in two dimensions their mean."""
FREQUENCIES = {"site": (1.0, 2.0), "sum": (1.0, 2.0), "mean": (1.0, 2.0, 3.0)}
"""w of the waves of each filter, in units of the inverse deviation of u under the Gaussian. A second wave of the sum over
neighbours and a third of the mean, which has two phases first, halve what is left at kappa = 0.27."""
EDGE = 5.0
"""Deviations of the field beyond which y^4 goes on as its parabola, so that no flow ends at infinity in a finite time where
its coefficient is negative: one site in two million lies there."""
RESOLVENTS = 2
"""Powers of C among the quadratic forms, beside 1, the hopping and the zero mode."""


class Evaluated(NamedTuple):
    """The operators of fields at one time.

    Attributes:
        values: (N, operators).
        traces: of G^2 times their second derivatives in y, (N, operators).
        force: derivative of their sum, with coefficients, in y, (N, *shape).
    """

    values: Tensor
    traces: Tensor
    force: Tensor


class Operators(nn.Module):
    """All operators on one lattice.

    Arguments:
        power: C(p) in the layout of `fftn`, float64.

    Attributes:
        names: of the operators, in the order of their coefficients.
        edge: of y^4.
    """

    power: Tensor
    multiplicity: Tensor
    gains: Tensor
    filters: Tensor
    scales: Tensor

    def __init__(self, power: Tensor) -> None:
        super().__init__()
        self.shape, self.volume = tuple(power.shape), power.numel()
        self.dims = tuple(range(-power.ndim, 0))
        half = half_modes(power)
        count = torch.from_numpy(half_spectrum(self.shape)[1]).double().reshape(half.shape)
        hopping = _hopping(self.shape)
        zero = torch.zeros_like(half)
        zero.view(-1)[0] = 1.0
        soft = half / half.max()
        forms = {"square": torch.ones_like(half), "hopping": hopping, "mean_square": zero}
        forms |= {f"resolvent_{j}": soft**j for j in range(1, RESOLVENTS + 1)}
        by_name = {"site": torch.ones_like(half), "sum": 1 + NEIGHBOURS * hopping, "mean": zero}
        filters = torch.stack([by_name[name] for name in FREQUENCIES])
        variance = (count * half * filters.square()).flatten(1).sum(1) / self.volume
        self.edge = EDGE * math.sqrt(float((count * half).sum()) / self.volume)
        filters = filters / variance.sqrt().reshape(-1, *[1] * power.ndim)
        waves = [f"{name}_wave_{w:g}" for name, several in FREQUENCIES.items() for w in several]
        self.names = [*forms, "quartic", *waves]
        parts = {
            "power": half,
            "multiplicity": count,
            "gains": torch.stack([*forms.values()]),
            "filters": filters,
            "scales": variance.rsqrt(),
        }
        for name, value in parts.items():
            self.register_buffer(name, value, persistent=False)

    def __len__(self) -> int:
        return len(self.names)

    def gain(self, tau: float) -> Tensor:
        """G = C / (C + tau) in the layout of `rfftn`."""
        return self.power / (self.power + tau)

    def filtered(self, fields: Tensor, gain: Tensor) -> Tensor:
        """Multiply each mode by a gain in the layout of `rfftn`."""
        return torch.fft.irfftn(torch.fft.rfftn(fields, dim=self.dims) * gain, s=self.shape, dim=self.dims)

    def evaluate(self, y: Tensor, coefficients: Tensor, tau: float) -> Evaluated:
        """Evaluate all operators.

        Arguments:
            y: denoised fields, (N, *shape) float64.
            coefficients: (operators,).
            tau: time of the heat equation.
        """
        modes, square = torch.fft.rfftn(y, dim=self.dims), self.multiplicity * self.gain(tau) ** 2
        forms = len(self.gains)
        quadratic, quartic, waves = coefficients.tensor_split([forms, forms + 1])
        power = modes.abs().square() * self.multiplicity / self.volume
        parts = [self._quartic(y, float(square.sum()) / self.volume)]
        for number, (name, frequencies) in enumerate(FREQUENCIES.items()):
            local = float((self.filters[number].square() * square).sum()) / self.volume
            weight, waves = waves.tensor_split([len(frequencies)])
            scale = float(self.scales[number])
            parts.append(self._waves(y, SMEARED[name], scale, frequencies, weight, local))
        values = [0.5 * power.flatten(1) @ self.gains.flatten(1).T, *(part.values for part in parts)]
        traces = [
            (self.gains * square).flatten(1).sum(1).expand(len(y), forms),
            *(part.traces for part in parts),
        ]
        smooth = torch.fft.irfftn(
            modes * torch.einsum("j,j...->...", quadratic, self.gains), s=self.shape, dim=self.dims
        )
        force = smooth + quartic * parts[0].force + sum(part.force for part in parts[1:])
        return Evaluated(torch.cat(values, 1), torch.cat(traces, 1), force)

    def _quartic(self, y: Tensor, local: float) -> Evaluated:
        """Sum of y^4; the force is that of a coefficient of 1."""
        inner = y.clamp(-self.edge, self.edge)
        outer, squared = y - inner, inner.square()
        fourth = squared * (squared + 4 * inner * outer + 6 * outer.square())
        force = 4 * squared * (inner + 3 * outer)
        return Evaluated(_summed(fourth)[:, None], 12 * local * _summed(squared)[:, None], force)

    def _waves(
        self,
        y: Tensor,
        smeared: Callable[[Tensor], Tensor],
        scale: float,
        frequencies: tuple[float, ...],
        weights: Tensor,
        local: float,
    ) -> Evaluated:
        """Waves of one filter, which is its own transpose, and their force with coefficients."""
        u = scale * smeared(y)
        sums = torch.stack([_summed(torch.cos(w * u).expand_as(y)) for w in frequencies], 1)
        steep = torch.tensor(frequencies, dtype=y.dtype, device=y.device)
        pull = sum(-w * weight * torch.sin(w * u) for w, weight in zip(frequencies, weights, strict=True))
        return Evaluated(sums, -local * steep.square() * sums, scale * smeared(pull))


def _summed(density: Tensor) -> Tensor:
    """Sum over sites, (N,)."""
    return density.flatten(1).sum(1)


def _with_neighbours(fields: Tensor) -> Tensor:
    """The field with a part of the sum over its neighbours."""
    return fields + NEIGHBOURS * neighbour_sum(fields)


def _mean(fields: Tensor) -> Tensor:
    """The mean over sites, (N, 1, ..., 1)."""
    return fields.mean(tuple(range(1, fields.ndim)), keepdim=True)


SMEARED: dict[str, Callable[[Tensor], Tensor]] = {
    "site": lambda fields: fields,
    "sum": _with_neighbours,
    "mean": _mean,
}
"""Filters by name, up to their scale."""


def _hopping(shape: tuple[int, ...]) -> Tensor:
    """2 sum_mu cos k_mu in the layout of `rfftn`, float64: the sum over neighbours."""
    axes = [
        2 * torch.cos(2 * math.pi * torch.arange(length, dtype=torch.float64) / length) for length in shape
    ]
    return half_modes(sum(torch.meshgrid(*axes, indexing="ij")))
