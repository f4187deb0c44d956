r"""Conditional laws of the tree as tables.

The sum of m independent plaquettes has the density h_m(s) = sum_n (I_n / I_0)^m e^(i n s) with respect to ds / 2 pi. A block
of m plaquettes with sum s gives its left part of l the sum a with density h_l(a) h_(m-l)(s - a) / h_m(s). The law of its
deviation a - s l / m depends on s but weakly, so that tables at a few values of s are enough.
"""

import math

import numpy as np
from scipy.special import i0e, ive

from emulant.gauge.cdf_tables import SUBDIVISION, CdfTable, cdf_table

__all__ = ["ROWS", "split_table"]

ROWS, CELLS = 128, 256
"""Intervals of |s| and of the deviation: ln w then has a standard deviation of 1e-3 at 1024 plaquettes and b = 11, and a
table fits into the second cache of a core."""
LOST = 1e-18
"""Fourier coefficients below it are no digits of the densities."""


def coefficients(coupling: float, plaquettes: int) -> np.ndarray:
    """Compute (I_n / I_0)^m from n = 0 to the last that counts."""
    order = np.arange(SUBDIVISION * CELLS // 2)
    powers = (ive(order, coupling) / i0e(coupling)) ** plaquettes
    return powers[powers > LOST]


def split_table(coupling: float, left: int, right: int) -> CdfTable:
    """Make the table of the deviation for a block of `left` and `right` plaquettes; rows are s from 0 to pi.

    At -s the deviation has the other sign.
    """
    whole = np.linspace(0, math.pi, ROWS + 1)
    parts = (
        _shifted(coefficients(coupling, size), sign * whole * size / (left + right))
        for size, sign in ((left, 1), (right, -1))
    )
    return cdf_table(np.prod(list(parts), axis=0))


def _shifted(powers: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Evaluate sum_n c_n e^(i n (delta + offset)) at equidistant delta from -pi on, (rows, points)."""
    order, points = np.arange(len(powers)), SUBDIVISION * CELLS
    phases = powers * np.exp(1j * np.outer(offset - math.pi, order))
    return np.fft.irfft(phases, points) * points
