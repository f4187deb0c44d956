"""S = m (x^2 + y^2)/2 - c x y, with Z = 2 pi / sqrt(m^2 - c^2)."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["CoupledGaussian", "from_settings"]


class CoupledGaussian:
    """Two Gaussian variables, (N, 2).

    Arguments:
        mass: m.
        coupling: c, |c| < m.
    """

    kind, site_shape = "coupled_gaussian", (2,)

    def __init__(self, mass: float, coupling: float) -> None:
        self.mass, self.coupling = mass, coupling
        self.parameters = {"mass": mass, "coupling": coupling}

    @property
    def minus_log_z(self) -> float:
        """Exact -ln Z."""
        return 0.5 * math.log(self.mass**2 - self.coupling**2) - math.log(2 * math.pi)

    @property
    def covariance(self) -> np.ndarray:
        """Exact covariance, (2, 2)."""
        m, c = self.mass, self.coupling
        return np.array([[m, c], [c, m]]) / (m**2 - c**2)

    def view(self, samples: np.ndarray) -> np.ndarray:
        """Show samples to observables as they are."""
        return samples.astype(np.float64)

    def action(self, fields: Any) -> Any:
        """S of each configuration, (N,)."""
        return 0.5 * self.mass * (fields**2).sum(-1) - self.coupling * fields[..., 0] * fields[..., 1]

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, (count, 2)."""
        return generator.standard_normal((count, 2)) @ np.linalg.cholesky(self.covariance).T

    def exact_values(self) -> list[dict[str, Any]]:
        """Second moments."""
        values = self.covariance[[0, 0, 1], [0, 1, 1]]
        return [
            {"observable": "second_moments", "index": n, "value": float(value), "error": 0.0}
            for n, value in enumerate(values, start=1)
        ]


def from_settings(settings: Mapping[str, Any]) -> CoupledGaussian:
    """Build the system of a `system` block."""
    return CoupledGaussian(settings["mass"], settings["coupling"])
