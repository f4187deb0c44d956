r"""What is exact at finite spacing: the transfer matrix of a path on a grid of positions.

.. math:: T(x, y) = \sqrt{\frac{m}{2\pi a}} \exp\Big[-\frac{m (x-y)^2}{2a} - \frac a2 (V(x) + V(y))\Big], \qquad
    Z = \mathrm{Tr}\, T^N, \qquad E_n = -\frac1a \ln\lambda_n

Sums over an equidistant grid replace integrals; for the Gaussian in T their error is 2 exp(-2 pi^2 a / (m h^2)), e^-78 for
the spacing h of here.
"""

import math
from functools import cached_property

import numpy as np

from emulant.quantum.potential import Potential

__all__ = ["TransferMatrix"]

RESOLUTION = 2.0
"""Grid points in the width of the kernel, with which sums are exact to rounding."""
POINTS = 192
"""Of the grid, at least: at large a the width of the kernel is no measure of the potential."""
DEPTH = 60.0
"""Cost in the exponent beyond which the grid ends: e^-60."""
SEARCHED = 4096
"""Positions at which the cost is integrated."""


class TransferMatrix:
    """T^N on a grid.

    Arguments:
        potential: V.
        mass: m.
        spacing: a.
        points: N.
        resolution: grid points in the width of the kernel, sqrt(a/m).
        fewest: points of the grid at large a.

    Attributes:
        grid: positions, equidistant.
        step: their distance h.
    """

    def __init__(
        self,
        potential: Potential,
        mass: float,
        spacing: float,
        points: int,
        resolution: float = RESOLUTION,
        fewest: int = POINTS,
    ) -> None:
        self.potential, self.mass, self.spacing, self.points = potential, mass, spacing, points
        low, high = _reach(potential, mass, spacing * points)
        count = max(fewest, math.ceil((high - low) / math.sqrt(spacing / mass) * resolution))
        self.grid, self.step = np.linspace(low, high, count, retstep=True)

    @cached_property
    def kernel(self) -> np.ndarray:
        """T times h, symmetric; the least V is taken out (`shift`)."""
        x, a, m = self.grid, self.spacing, self.mass
        half = np.exp(-0.5 * a * (self.potential(x) - self.potential.floor))
        gaussian = math.sqrt(m / (2 * math.pi * a)) * np.exp(-m / (2 * a) * (x[:, None] - x) ** 2)
        return self.step * half[:, None] * gaussian * half

    @cached_property
    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues of `kernel`, the largest first and those above rounding alone, and eigenvectors as columns."""
        values, vectors = np.linalg.eigh(self.kernel)
        order = np.flatnonzero(values > 1e-14 * values[-1])[::-1]
        return values[order], vectors[:, order]

    @cached_property
    def energies(self) -> np.ndarray:
        """E_n at this spacing, in rising order."""
        return self.potential.floor - np.log(self.spectrum[0]) / self.spacing

    @cached_property
    def occupation(self) -> np.ndarray:
        """Probability of each level, lambda_n^N / Z."""
        weight = (self.spectrum[0] / self.spectrum[0][0]) ** self.points
        return weight / weight.sum()

    @property
    def log_partition(self) -> float:
        """Ln Tr T^N, the measure (m / 2 pi a)^(N/2) of the paths in it."""
        length = self.points * self.spacing
        return float(-length * self.energies[0] - np.log(self.occupation[0]))

    @cached_property
    def probability(self) -> np.ndarray:
        """Probability of each grid position at one time."""
        return self.spectrum[1] ** 2 @ self.occupation

    @property
    def ground_state(self) -> np.ndarray:
        """|psi_0|^2 at each position of the grid, a density."""
        return self.spectrum[1][:, 0] ** 2 / self.step

    def mean(self, values: np.ndarray) -> float:
        """The mean of a function of x, of which `values` are those on the grid."""
        return float(self.probability @ values)

    def correlation(self, first: np.ndarray, second: np.ndarray, times: np.ndarray) -> np.ndarray:
        """<f(x_0) g(x_t)> of functions on the grid, at whole numbers t of points, (times,)."""
        values, vectors = self.spectrum
        product = (vectors.T @ (first[:, None] * vectors)) * (vectors.T @ (second[:, None] * vectors)).T
        scaled = values / values[0]
        return np.array([scaled ** (self.points - t) @ product @ scaled**t for t in times]) / np.sum(
            scaled**self.points
        )

    def power(self, number: int) -> np.ndarray:
        """The kernel's power divided by its largest eigenvalue to that power, and by h: a density of both positions."""
        values, vectors = self.spectrum
        return (vectors * (values / values[0]) ** number) @ vectors.T / self.step


def _reach(potential: Potential, mass: float, length: float) -> tuple[float, float]:
    """Where paths of this length do not come, e^-DEPTH, below and above all minima.

    A position costs at most length times V, where the path stays, or 2 int sqrt(2 m V), where it comes and goes.
    """
    minima, ends = potential.minima(), []
    for minimum, direction in ((minima[0], -1.0), (minima[-1], 1.0)):
        reach = 1.0
        while (cost := _cost(potential, mass, length, minimum, direction * reach))[-1] < DEPTH:
            reach *= 1.5
        ends.append(minimum + direction * reach * np.searchsorted(cost, DEPTH) / (SEARCHED - 1))
    return ends[0], ends[1]


def _cost(potential: Potential, mass: float, length: float, minimum: float, reach: float) -> np.ndarray:
    """Cost of the positions from a minimum to `reach` beyond it, (SEARCHED,)."""
    depth = potential(minimum + np.linspace(0, reach, SEARCHED)) - potential.floor
    momentum = np.sqrt(2 * mass * np.maximum(depth, 0))
    detour = 2 * abs(reach) / (SEARCHED - 1) * np.cumsum(momentum)
    return np.minimum(length * depth, detour)
