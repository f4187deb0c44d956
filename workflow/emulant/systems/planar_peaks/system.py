"""Two Gaussian peaks in the plane (arXiv:2510.01328): real, with exact cumulants and density."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.plane.density import Grid
from emulant.plane.points import Points
from emulant.statistics.means import mean_of_each
from emulant.systems.two_peak.system import TwoPeak

__all__ = ["PlanarPeaks", "from_settings"]

# A peak has 2e-9 of its probability beyond 6 widths in one coordinate.
WIDTHS = 6.0


class PlanarPeaks:
    """P = ½ [N(μ, σ²) + N(-μ, σ²)] in two dimensions, μ = (mean, -mean).

    Arguments:
        mean: position of a peak in x, and minus that in y.
        width: σ.
    """

    kind = "planar_peaks"
    site_shape = (2,)

    def __init__(self, mean: float = 1.0, width: float = 0.25) -> None:
        self.marginal = TwoPeak(mean, width)
        self.parameters = self.marginal.parameters

    def view(self, configurations: np.ndarray) -> Points:
        """Wrap configurations (n, *site_shape) for the observables."""
        return Points(configurations)

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """The mean, which changes sign with the configuration, (n,)."""
        return mean_of_each(configurations)

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, (count, 2)."""
        centre, width = np.array([1.0, -1.0]) * self.marginal.mean, self.marginal.width
        sign = 2.0 * generator.integers(0, 2, (count, 1)) - 1
        return sign * centre + width * generator.standard_normal((count, 2))

    def cumulants(self) -> np.ndarray:
        """Compute the exact cumulants κ₁ … κ₈ of x, equal to those of y."""
        return self.marginal.cumulants()

    def exact_values(self) -> list[dict[str, Any]]:
        """Tabulate cumulants of both marginals, and <x²>, <y²>, <xy>."""
        kappa = self.cumulants()
        rows = [(f"kappa_{axis}", n, kappa[n - 1]) for axis in "xy" for n in (2, 4, 6, 8)]
        rows += [("x_squared", 0, kappa[1]), ("y_squared", 0, kappa[1]), ("xy", 0, -(self.marginal.mean**2))]
        return [{"observable": o, "index": i, "value": float(v), "error": 0.0} for o, i, v in rows]

    def grid(self, points: np.ndarray) -> Grid:
        """Choose the square that contains both peaks to 6 widths."""
        reach = self.marginal.mean + WIDTHS * self.marginal.width
        return Grid(reach, reach)

    def shares(self, grid: Grid) -> tuple[np.ndarray, dict[str, float]]:
        """Compute the exact shares of the grid's cells."""
        edges_x, edges_y = grid.edges
        parts = [
            np.outer(
                np.diff(self._normal(edges_x - s * self.marginal.mean)),
                np.diff(self._normal(edges_y + s * self.marginal.mean)),
            )
            for s in (1, -1)
        ]
        shares = 0.5 * (parts[0] + parts[1])
        return shares / shares.sum(), {"kl": 0.0, "total_variation": 0.0}

    def _normal(self, x: np.ndarray) -> np.ndarray:
        return np.array([0.5 * math.erfc(-value / (self.marginal.width * math.sqrt(2))) for value in x])


def from_settings(settings: Mapping[str, Any]) -> PlanarPeaks:
    """Build the system of a `system` block."""
    return PlanarPeaks(settings["mean"], settings["width"])
