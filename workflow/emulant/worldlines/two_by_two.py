r"""Exact solution on 2 x 2 sites: a ring of four sites, joined in turn by two links in space and two in time.

Two parallel links of strength a and b add up, exp(2 (a + b) r r' cos Delta), so that with flux f around the ring

.. math:: Z = \sum_f \mathrm{Tr}\,[(A_f B_f)^2], \quad
    A_f = \sqrt{m(r) m(r')} I_f(4 r r'), \quad B_f = \sqrt{m(r) m(r')} I_f(4 \cosh\mu\, r r'),

m(r) = r exp(-eta r^2 - lambda r^4); n = d ln Z / 4 d mu.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import ive

from emulant.errors import InputError
from emulant.worldlines.action import BoseGas, Observables
from emulant.worldlines.transfer_matrix import radial_nodes

__all__ = ["Ring", "two_by_two"]

NEGLIGIBLE = 1e-20
"""Part of Z below which further fluxes are no digits of it."""


class Ring(NamedTuple):
    """Ln Z of the sum over integers on the links, and observables."""

    log_partition: float
    observables: Observables


def two_by_two(gas: BoseGas) -> Ring:
    """Compute exact values on 2 x 2 sites, to about 10 digits.

    Raises:
        InputError: on any other lattice.
    """
    if gas.shape != (2, 2):
        raise InputError("two by two", "shape", "(2, 2)", gas.shape)
    radii, weights = radial_nodes(gas)
    total, flux = np.zeros(4), 0
    while True:
        part = _sector(gas, radii, weights, flux) * (2 if flux else 1)
        total += part
        if part[0] < NEGLIGIBLE * total[0]:
            density, squared, fourth = (total[1:] / total[0]).tolist()
            return Ring(math.log(total[0]), Observables(density, squared, fourth))
        flux += 1


def _sector(gas: BoseGas, radii: np.ndarray, weights: np.ndarray, flux: int) -> np.ndarray:
    """Compute Z of one flux and, times it, n, r^2 and r^4."""
    measure = np.sqrt(weights * radii * np.exp(-gas.eta * radii**2 - gas.coupling * radii**4))
    outer, product = np.outer(measure, measure), np.outer(radii, radii)
    in_time = 4 * math.cosh(gas.mu) * product
    space = outer * np.exp(4 * product) * ive(flux, 4 * product)
    time = outer * np.exp(in_time) * ive(flux, in_time)
    slope = 0.5 * (ive(abs(flux - 1), in_time) + ive(flux + 1, in_time))
    change = outer * np.exp(in_time) * 4 * math.sinh(gas.mu) * product * slope
    half = space @ time
    diagonal = np.diag(half @ half)
    traces = [np.trace(half @ space @ change) / 2, diagonal @ radii**2, diagonal @ radii**4]
    return np.array([diagonal.sum(), *traces])
