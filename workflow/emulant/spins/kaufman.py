r"""The exact Ising model on a square torus of any size (B. Kaufman, Phys. Rev. 76 (1949) 1232).

.. math:: Z = \tfrac12 (2\sinh 2K)^{mn/2} \Big[\prod_r 2\cosh\tfrac{m\gamma_{2r+1}}2 + \prod_r 2\sinh\tfrac{m\gamma_{2r+1}}2
    + \prod_r 2\cosh\tfrac{m\gamma_{2r}}2 + \prod_r 2\sinh\tfrac{m\gamma_{2r}}2\Big]

with n sites in a row, m rows, sinh^2(gamma_r / 2) = (s - 1)^2 / 2s + sin^2(pi r / 2n) and s = sinh 2K; gamma_0 has the sign
of s - 1.
Everything is in logarithms, and no difference of close numbers is taken at the critical point.
"""

import math
from typing import NamedTuple

import numpy as np

from emulant.spins.log_partition import LogPartition

__all__ = ["critical_coupling", "spontaneous_magnetisation", "square_torus"]


class _Term(NamedTuple):
    """A product e^log v with the derivatives of v in K."""

    log: float
    value: float
    first: float
    second: float


class _Energies(NamedTuple):
    """Energies gamma_r of modes with their derivatives in K, each (n,)."""

    value: np.ndarray
    first: np.ndarray
    second: np.ndarray


def square_torus(coupling: float, shape: tuple[int, ...]) -> LogPartition:
    """Compute ln Z with its derivatives.

    Arguments:
        coupling: K > 0; of an antiferromagnet on even extents |K|, as every other spin may change sign.
        shape: rows and sites in a row.
    """
    rows, columns = shape
    terms = [
        term
        for energies in (_odd(coupling, columns), _even(coupling, columns))
        for term in (_product(energies, rows, 1), _product(energies, rows, -1))
    ]
    largest = max(term.log for term in terms)
    scales = np.exp([term.log - largest for term in terms])
    total, first, second = (scales @ np.array([term[k] for term in terms]) for k in (1, 2, 3))
    half, s = rows * columns / 2, math.sinh(2 * coupling)
    return LogPartition(
        value=float(half * math.log(2 * s) + largest + math.log(total / 2)),
        slope=float(2 * half / math.tanh(2 * coupling) + first / total),
        curvature=float(-4 * half / s**2 + second / total - (first / total) ** 2),
    )


def critical_coupling() -> float:
    """K_c = ln(1 + sqrt 2) / 2 of the square lattice."""
    return math.log1p(math.sqrt(2)) / 2


def spontaneous_magnetisation(coupling: np.ndarray) -> np.ndarray:
    """M of the infinite square lattice, (1 - sinh(2K)^-4)^(1/8), 0 below K_c (C. N. Yang, Phys. Rev. 85 (1952) 808)."""
    ordered = coupling > critical_coupling()
    s = np.sinh(2 * np.where(ordered, coupling, 1.0))
    return np.where(ordered, (1 - s**-4.0) ** 0.125, 0.0)


def _modes(coupling: float, sines: np.ndarray) -> _Energies:
    """Energies gamma > 0 of modes with these sin^2(pi r / 2n), from cosh gamma = s + 1/s - 1 + 2 sin^2 ... ."""
    s, slope = math.sinh(2 * coupling), 2 * math.cosh(2 * coupling)
    gamma = 2 * np.arcsinh(np.sqrt((s - 1) ** 2 / (2 * s) + sines))
    # Derivatives of s + 1/s.
    first, second = (1 - s**-2) * slope, (1 - s**-2) * 4 * s + 2 * slope**2 / s**3
    velocity = first / np.sinh(gamma)
    return _Energies(gamma, velocity, (second - velocity**2 * np.cosh(gamma)) / np.sinh(gamma))


def _odd(coupling: float, columns: int) -> _Energies:
    return _modes(coupling, np.sin(np.pi * (2 * np.arange(columns) + 1) / (2 * columns)) ** 2)


def _even(coupling: float, columns: int) -> _Energies:
    """Mode 0 apart: its energy 2K + ln tanh K passes through zero."""
    others = _modes(coupling, np.sin(np.pi * np.arange(1, columns) / columns) ** 2)
    s = math.sinh(2 * coupling)
    zero = (2 * math.asinh((s - 1) / math.sqrt(2 * s)), 2 + 2 / s, -4 * math.cosh(2 * coupling) / s**2)
    return _Energies(*(np.concatenate([[z], o]) for z, o in zip(zero, others, strict=True)))


def _product(energies: _Energies, rows: int, sign: int) -> _Term:
    """The product of 2 cosh(m gamma / 2) (sign 1) or 2 sinh(m gamma / 2) (sign -1), its first factor apart.

    Logarithms of the others are smooth; the first sinh may vanish.
    """
    x, first, second = (rows * part / 2 for part in energies)
    decay = sign * np.exp(-2 * np.abs(x))
    rest = slice(1, None)
    ratio = (1 - decay[rest]) / (1 + decay[rest])
    log = np.abs(x).sum() + np.log1p(decay[rest]).sum()
    slope = (ratio * first[rest]).sum()
    curve = (ratio * second[rest] + (1 - ratio**2) * first[rest] ** 2).sum()
    # e^-|x| times 2 cosh x or 2 sinh x, and its derivative in x.
    turned = math.copysign(1.0, x[0])
    even, odd = 1 + math.exp(-2 * abs(x[0])), -math.expm1(-2 * abs(x[0])) * turned
    value, change = (even, odd) if sign == 1 else (odd, even)
    g1, g2 = change * first[0], change * second[0] + value * first[0] ** 2
    return _Term(log, value, g1 + value * slope, g2 + 2 * g1 * slope + value * (curve + slope**2))
