"""The law of a free plaquette, e^(b cos theta) / I_0(b) with respect to d theta / 2 pi, and its map from a uniform angle."""

import math

import numpy as np
from numba import njit, prange
from scipy.special import i0e

from emulant.gauge.cdf_tables import SUBDIVISION, cdf_table, evaluated, inverted

__all__ = ["VonMises"]

BLOCK = 1024
"""Angles that are mapped together."""
CELLS = 4096
"""Of the table: densities are right to 1e-9 up to b = 50."""


class VonMises:
    """Von Mises' law.

    Arguments:
        coupling: b > 0.
    """

    def __init__(self, coupling: float) -> None:
        self.coupling = coupling
        points = -math.pi + 2 * math.pi * np.arange(SUBDIVISION * CELLS) / (SUBDIVISION * CELLS)
        density = np.exp(coupling * (np.cos(points) - 1))
        # No condition: two rows alike.
        self.table = cdf_table(np.stack([density, density]))

    @property
    def log_norm(self) -> float:
        """Ln I_0(b)."""
        return math.log(i0e(self.coupling)) + self.coupling

    def quantile(self, uniform: np.ndarray) -> np.ndarray:
        """Map uniform angles to angles of the law, both in [-pi, pi); odd, rising, fixed at -pi and 0."""
        return _quantiles(*self.table, np.ascontiguousarray(uniform).ravel()).reshape(uniform.shape)

    def cumulative(self, angles: np.ndarray) -> np.ndarray:
        """Map angles of the law to uniform ones, the inverse of `quantile`."""
        return _cumulated(self.table.knots, np.ascontiguousarray(angles).ravel()).reshape(angles.shape)


@njit(parallel=True, cache=True)
def _quantiles(knots, guide, uniform):
    angles = np.empty_like(uniform)
    for block in prange(-(-uniform.size // BLOCK)):
        low, high = block * BLOCK, min((block + 1) * BLOCK, uniform.size)
        row, part, density = np.zeros(high - low, np.int64), np.zeros(high - low), np.empty(high - low)
        value = (uniform[low:high] + math.pi) / (2 * math.pi)
        inverted(knots, guide, row, part, value, angles[low:high], density)
    return angles


@njit(parallel=True, cache=True)
def _cumulated(knots, angles):
    uniform = np.empty_like(angles)
    for i in prange(angles.size):
        uniform[i] = 2 * math.pi * evaluated(knots, 0, 0.0, angles[i])[0] - math.pi
    return uniform
