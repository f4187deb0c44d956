r"""A map of the mean of a field, by its quantiles, that gives generated fields the law of M of the training fields.

With u the quantile of |M| under the base measure, uniform in [0, 1] there, any law of |M| has the density
:math:`1 + \sum_k a_k P_k(2u - 1)` with Legendre polynomials and :math:`a_k = (2k + 1) \langle P_k \rangle`. The map
:math:`u \to u + \sum_k b_k \int_0^u P_k` takes :math:`b_k` from :math:`a_k`, to first order. It has as many terms
as Akaike's criterion asks for. Both ends of the interval stay, and it is one to one where 1 + sum_k b_k P_k is positive.
"""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.statistics.control_variates import less_explained
from emulant.transport.last_map.legendre import legendre
from emulant.transport.measures import ModeMeasure

__all__ = ["MeanLaw"]

TERMS = 12
"""Legendre polynomials that the map may have: a_12 of 100,000 fields is known to 0.015."""
ROUNDS = 6
"""Of measuring what is left, each time some sum_k |b_k| of what it was."""
LOWEST = 0.3
"""Of 1 + sum_k b_k P_k: a far off model is mended only as far as the map stays one to one."""
GRID = 513
"""Quantiles at which that is looked at."""
SMALLEST = 1e-300
"""Of 1 - u, whose normal quantile would be infinite at 0: 37 deviations."""
ITERATIONS, PRECISION = 60, 1e-13
"""Of Newton's method for the inverse, and the change of ln(1 - u) at which it ends."""


@dataclass(frozen=True)
class MeanLaw:
    """The map.

    Attributes:
        base: the measure whose quantiles count.
        coefficients: b_k, (TERMS,) float64.
    """

    base: ModeMeasure
    coefficients: Tensor

    @classmethod
    def measure(cls, base: ModeMeasure, trained: Tensor, generated: Tensor, controls: Tensor) -> Self:
        """Measure it on M of training fields and generated ones, (N,) float64 each.

        Arguments:
            base: the measure whose quantiles count.
            trained: M of training fields.
            generated: of fields of the model.
            controls: functions of zero mean of each of these, (N, columns).
        """
        law = cls(base, torch.zeros(TERMS, dtype=torch.float64, device=trained.device))
        wanted = law._amplitudes(trained)
        for _ in range(ROUNDS):
            now = law._amplitudes(law(generated)).cpu().numpy()
            now = torch.from_numpy(less_explained(now, controls.cpu().numpy())).to(wanted)
            variance = now.var(0) / len(now) + wanted.var(0) / len(wanted)
            law = cls(base, _needed(law.coefficients + now.mean(0) - wanted.mean(0), variance))
        return law

    def to(self, device: torch.device | str) -> "MeanLaw":
        """Copy to `device`."""
        return MeanLaw(self.base.to(device), self.coefficients.to(device))

    def __call__(self, mean: Tensor) -> Tensor:
        """Map M, (N,) float64."""
        return torch.copysign(self._mean_above(self._mapped(self._share_above(mean))[0]), mean)

    def inverse(self, mapped: Tensor) -> tuple[Tensor, Tensor]:
        """M that is mapped to `mapped`, and log of the slope of the map there, (N,) float64."""
        wanted = self._share_above(mapped)
        above = wanted
        for _ in range(ITERATIONS):
            image, slope = self._mapped(above)
            before, above = above, above - (image - wanted) / slope
            above = above.clamp(0.1 * before, torch.ones_like(before))
            if float((above / before).log().abs().max()) < PRECISION:
                break
        mean = torch.copysign(self._mean_above(above), mapped)
        density = self._log_density(mean) - self._log_density(mapped)
        return mean, self._mapped(above)[1].log() + density

    def _amplitudes(self, mean: Tensor) -> Tensor:
        """(2k + 1) P_k of each M, (N, TERMS)."""
        values = legendre(1 - 2 * self._share_above(mean), TERMS)[0][:, 1:]
        return values * (2 * torch.arange(1, TERMS + 1, dtype=values.dtype, device=values.device) + 1)

    def _mapped(self, above: Tensor) -> tuple[Tensor, Tensor]:
        """Image of q = 1 - u and the slope of the map; int_0^u P_k = -2 u q P_k'/(k (k + 1))."""
        values, slopes = legendre(1 - 2 * above, TERMS)
        order = torch.arange(1, TERMS + 1, dtype=values.dtype, device=values.device)
        stretch = slopes[:, 1:] @ (self.coefficients / (order * (order + 1)))
        return above * (1 + 2 * (1 - above) * stretch), 1 + values[:, 1:] @ self.coefficients

    def _share_above(self, mean: Tensor) -> Tensor:
        """Probability q of a larger |M| under the base measure."""
        latent = self._latent(mean * self._root_volume).abs()
        return torch.special.erfc(latent / math.sqrt(2)).clamp_min(SMALLEST)

    def _mean_above(self, above: Tensor) -> Tensor:
        """|M| of that probability."""
        latent, zero = -torch.special.ndtri(above / 2), self.base.zero_mode
        mode = latent * self._deviation if zero is None else zero.from_latent(latent, 0.0)
        return mode / self._root_volume

    def _latent(self, mode: Tensor) -> Tensor:
        zero = self.base.zero_mode
        return mode / self._deviation if zero is None else zero.to_latent(mode, 0.0)

    def _log_density(self, mean: Tensor) -> Tensor:
        """Of the zero mode under the base measure, up to a constant."""
        mode, zero = mean * self._root_volume, self.base.zero_mode
        return -0.5 * (mode / self._deviation) ** 2 if zero is None else zero.density(mode, 0.0).log()

    @property
    def _deviation(self) -> Tensor:
        return self.base.power[self.base.origin].sqrt()

    @property
    def _root_volume(self) -> float:
        return math.sqrt(math.prod(self.base.site_shape))


def _needed(coefficients: Tensor, variance: Tensor) -> Tensor:
    """The first coefficients, as many as lower chi^2 by 2 each, with a map that is one to one; else less of the first."""
    polynomials = legendre(torch.linspace(-1, 1, GRID).to(coefficients), TERMS)[0][:, 1:]
    gain, lowest, best = 2 - coefficients.square() / variance, 0.0, torch.zeros_like(coefficients)
    if gain[0] < 0:
        best[0] = coefficients[0].clamp(LOWEST - 1, 1 - LOWEST)
    for terms, criterion in enumerate(gain.cumsum(0).tolist(), 1):
        first = torch.where(torch.arange(TERMS, device=best.device) < terms, coefficients, 0.0)
        if criterion < lowest and float((polynomials @ first).min()) > LOWEST - 1:
            best, lowest = first, criterion
    return best
