"""A Gaussian or quartic complex action as a system of the workflow; configurations are points (x, y)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.langevin.actions import Quartic
from emulant.langevin.exact import GaussianDensity, exact_cumulants, exact_moments
from emulant.langevin.fokker_planck import stationary
from emulant.plane.density import Grid
from emulant.plane.points import Averages, Points
from emulant.statistics.cumulants import ORDER
from emulant.statistics.means import mean_of_each

__all__ = ["ComplexAction", "from_settings"]

# Half the grid in standard deviations: a Gaussian has 4e-8 of its points outside.
DEVIATIONS = 5.5


class ComplexAction:
    """S = (A + iB) z²/2 + λ z⁴/4, and the real density P(x, y) that complex Langevin samples; P is not exp(-S).

    Arguments:
        action: the action.
    """

    kind = "complex_action"
    site_shape = (2,)
    averages = staticmethod(Averages)

    def __init__(self, action: Quartic) -> None:
        self.complex_action = action
        self.parameters = {"a": action.a, "b": action.b, "lambda": action.coupling}

    def view(self, configurations: np.ndarray) -> Points:
        """Wrap configurations (n, *site_shape) for the observables."""
        return Points(configurations)

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """The mean, which changes sign with the configuration, (n,)."""
        return mean_of_each(configurations)

    def exact_values(self) -> list[dict[str, Any]]:
        """Tabulate moments and cumulants of z, and <x²>, <y²>, <xy> of a Gaussian action."""
        moments, kappa = (values(self.complex_action) for values in (exact_moments, exact_cumulants))
        rows = []
        for name, values in (("mu", moments), ("kappa", kappa)):
            for n in range(2, ORDER + 1, 2):
                rows += [(f"{name}_real", n, values[n - 1].real), (f"{name}_imag", n, values[n - 1].imag)]
        if self._gaussian:
            (xx, xy), (_, yy) = GaussianDensity(self.complex_action).covariance
            rows += [("x_squared", 0, xx), ("xy", 0, xy), ("y_squared", 0, yy)]
        return [{"observable": o, "index": i, "value": float(v), "error": 0.0} for o, i, v in rows]

    def grid(self, points: np.ndarray) -> Grid:
        """Choose the grid of densities: 5.5 standard deviations each way, at most the strip."""
        reach = DEVIATIONS * points.std(axis=0)
        # The density ends at the strip's border; 2 % more keeps it inside the outermost cells.
        return Grid(float(reach[0]), float(min(reach[1], 1.02 * self.complex_action.strip)))

    def shares(self, grid: Grid) -> tuple[np.ndarray, dict[str, float]]:
        """Compute shares of the cells by the stationary Fokker-Planck equation, and their convergence."""
        solution = stationary(self.complex_action, grid)
        return solution.shares, {"kl": solution.kl, "total_variation": solution.tv}

    @property
    def _gaussian(self) -> bool:
        return self.complex_action.coupling == 0 and self.complex_action.b != 0


def from_settings(settings: Mapping[str, Any]) -> ComplexAction:
    """Build the system of a `system` block."""
    return ComplexAction(Quartic(settings["a"], settings["b"], settings.get("lambda", 0.0)))
