"""Two Gaussian peaks in the plane (arXiv:2510.01328): a real toy whose every cumulant and density is known."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from emulant.plane.density import Grid
from emulant.plane.points import Points
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.toys.two_peak import TwoPeak

__all__ = ["PlanarPeaks"]

CHUNK = 1 << 18
WIDTHS = 6.0


class PlanarPeaks:
    """P = ½ [N(μ, σ²) + N(-μ, σ²)] in two dimensions, μ = (mean, -mean).

    Arguments:
        mean: place of a peak in x, and minus that in y.
        width: σ.
    """

    kind = "planar_peaks"
    site_shape = (2,)
    observable_package = "emulant.plane.observables"
    gradient = None

    def __init__(self, mean: float = 1.0, width: float = 0.25) -> None:
        self.marginal = TwoPeak(mean, width)
        self.parameters = self.marginal.parameters

    def view(self, configurations: np.ndarray) -> Points:
        """What observables are shown of configurations (n, *site_shape)."""
        return Points(configurations)

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, (count, 2)."""
        place, width = np.array([1.0, -1.0]) * self.marginal.mean, self.marginal.width
        sign = 2.0 * generator.integers(0, 2, (count, 1)) - 1
        return sign * place + width * generator.standard_normal((count, 2))

    def cumulants(self) -> np.ndarray:
        """Exact cumulants κ₁ … κ₈ of x, and of y."""
        return self.marginal.cumulants()

    def sample_reference(
        self, path: Path, *, settings: dict, seed: int, checkpoint: Path, threads: int = 1
    ) -> dict[str, Any]:
        """Write independent exact samples."""
        attributes = provenance(
            system=self.kind, parameters=self.parameters, sampler="exact", seed=seed, device="cpu"
        )
        generator, count = np.random.default_rng(seed), settings["samples"]
        with EnsembleWriter(path, self.site_shape, attributes=attributes) as writer:
            for start in range(0, count, CHUNK):
                points = self.sample(min(CHUNK, count - start), generator)
                writer.append(points.astype(np.float32))
        return {"sampler": "exact", "samples": count, "tau_int": 0.5, "equilibrated": True}

    def exact_values(self) -> list[dict[str, Any]]:
        """Cumulants of both marginals, and <x²>, <y²>, <xy>."""
        kappa = self.cumulants()
        rows = [(f"kappa_{axis}", n, kappa[n - 1]) for axis in "xy" for n in (2, 4, 6, 8)]
        rows += [("x_squared", 0, kappa[1]), ("y_squared", 0, kappa[1]), ("xy", 0, -(self.marginal.mean**2))]
        return [{"observable": o, "index": i, "value": float(v), "error": 0.0} for o, i, v in rows]

    def grid(self, points: np.ndarray) -> Grid:
        """The square that holds both peaks to 6 widths."""
        reach = self.marginal.mean + WIDTHS * self.marginal.width
        return Grid(reach, reach)

    def shares(self, grid: Grid) -> tuple[np.ndarray, dict[str, float]]:
        """Exact shares of the grid's cells."""
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
