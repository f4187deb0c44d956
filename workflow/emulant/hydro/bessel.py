"""Moments of cosh(eta) over rapidity of a Boltzmann factor, from a table of modified Bessel functions."""

from functools import cache

import numpy as np
from numba import njit
from scipy.special import k0e, k1e

__all__ = ["bessel_table", "rapidity_moments"]

SMALLEST = 0.5
"""Least argument of the table; that of a pion at rest is m / T > 0.7 for T < 0.2 GeV."""
ROWS = 8192
"""Uniform in 1 / z, in which sqrt(z) exp(z) K(z) is nearly linear: interpolation is good to 10^-8."""


@cache
def bessel_table() -> np.ndarray:
    """Tabulate sqrt(z) exp(z) K_0(z) and K_1 at 1 / z = 0 ... 1 / SMALLEST, (ROWS, 2)."""
    z = 1 / np.linspace(0, 1 / SMALLEST, ROWS)[1:]
    table = np.sqrt(z)[:, None] * np.stack([k0e(z), k1e(z)], axis=1)
    return np.concatenate([np.full((1, 2), np.sqrt(np.pi / 2)), table])


@njit(error_model="numpy", cache=True)
def rapidity_moments(z, table):
    """Compute int deta cosh^n(eta) exp(-z cosh eta), n = 0 ... 3: 2 K_0, 2 K_1, K_2 + K_0, (K_3 + 3 K_1) / 2."""
    position = SMALLEST * (len(table) - 1) / z
    row = min(int(position), len(table) - 2)
    weight = position - row
    factor = np.exp(-z) / np.sqrt(z)
    k0 = factor * (table[row, 0] + weight * (table[row + 1, 0] - table[row, 0]))
    k1 = factor * (table[row, 1] + weight * (table[row + 1, 1] - table[row, 1]))
    k2 = k0 + 2 * k1 / z
    k3 = k1 + 4 * k2 / z
    return 2 * k0, 2 * k1, k2 + k0, (k3 + 3 * k1) / 2
