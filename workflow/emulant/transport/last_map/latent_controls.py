r"""What is known of a flow's fields before they are looked at: functions of its latents, whose means are exact.

Latents are independent standard normal modes, and the flow bends them little: the zero mode's latent y and the powers of the
longest waves tell nearly all of <M^2>, moments of a site of the base measure most of those of the field. What a finite
number of latents has too much of these is known, and is subtracted by regression (`statistics.control_variates`).
"""

import math

import torch
from torch import Tensor

from emulant.transport.last_map.legendre import legendre
from emulant.transport.last_map.orbits import Orbits
from emulant.transport.measures import ModeMeasure

__all__ = ["latent_controls", "polynomials_of", "products"]

DEGREE, OF_PRODUCTS = 8, 3
"""Of polynomials in the quantile of |y|, alone and times powers of waves. At kappa_c they explain 99 % of M^2 of a field."""
LONGEST = 4
"""Orbits of the longest waves that count."""
ORDERS = (2, 4, 6, 8)
"""Of the moments of a site."""
AT_ONCE = 1024
"""Latents whose base fields are made at a time."""


def latent_controls(measure: ModeMeasure, latents: Tensor) -> Tensor:
    """Functions of latents (N, *site_shape) of zero mean that say much of their fields, (N, columns) float64."""
    orbits, rows = Orbits.of(measure.site_shape), []
    exact = torch.tensor(_site_moments(measure, orbits), dtype=torch.float64, device=latents.device)
    for part in latents.split(AT_ONCE):
        modes = measure.transform(part.double())
        polynomials = polynomials_of(modes[measure.origin].real)
        longest = orbits.powers(modes)[:, 1 : LONGEST + 1] - 1
        site = measure.inverse(measure.coloured(modes, 0.0)).flatten(1)
        moments = torch.stack([(site**n).mean(1) for n in ORDERS], 1) / exact - 1
        rows.append(torch.cat([polynomials[:, 1:], products(longest, polynomials), moments], 1))
    return torch.cat(rows)


def polynomials_of(latent: Tensor) -> Tensor:
    """Legendre polynomials of the quantile of |y|, (N,) -> (N, DEGREE + 1): independent of each other, the first is 1."""
    return legendre(2 * torch.erf(latent.abs() / math.sqrt(2)) - 1, DEGREE)[0]


def products(excess: Tensor, polynomials: Tensor) -> Tensor:
    """Excess of the power of waves over its mean, (N, waves), times the first polynomials."""
    return torch.cat([excess * polynomials[:, n : n + 1] for n in range(OF_PRODUCTS + 1)], 1)


def _site_moments(measure: ModeMeasure, orbits: Orbits) -> list[float]:
    """<phi^n> of a site under the base measure, n of ORDERS: a Gaussian, or a mixture by the zero mode."""
    volume, zero = math.prod(measure.site_shape), measure.zero_mode
    total = measure.power.cpu() * orbits.multiplicity
    waves = float(total.sum() - total[measure.origin])
    if zero is None:
        centres, shares, width = [0.0], [1.0], float(measure.power[measure.origin].sqrt())
    else:
        centres, shares, width = zero.centres.tolist(), zero.weights.tolist(), zero.width
    deviation = math.sqrt((waves + width**2) / volume)
    pairs = list(zip(centres, shares, strict=True))
    return [sum(s * _moment(c / math.sqrt(volume), deviation, n) for c, s in pairs) for n in ORDERS]


def _moment(mean: float, deviation: float, n: int) -> float:
    """<x^n> of a Gaussian, n even."""
    return sum(
        math.comb(n, k) * mean ** (n - k) * deviation**k * math.prod(range(k - 1, 0, -2))
        for k in range(0, n + 1, 2)
    )
