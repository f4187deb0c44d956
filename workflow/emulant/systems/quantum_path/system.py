"""A particle in a polynomial potential as a system of the pipeline: closed paths in imaginary time."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from emulant.contracts.system import Symmetry
from emulant.quantum.exact_values import bin_edges, exact_rows
from emulant.quantum.gap_equation import GaussianPaths, about_the_lowest_mean, centred, in_a_well
from emulant.quantum.path_action import action, gradient
from emulant.quantum.potential import Potential
from emulant.quantum.symmetries import reversed_in_time, translated
from emulant.quantum.transfer_matrix import TransferMatrix
from emulant.quantum.tunnelling import thresholds
from emulant.quantum.views import Paths
from emulant.scalar.schwinger_dyson import schwinger_dyson
from emulant.statistics.means import mean_of_each

__all__ = ["EvenPath", "QuantumPath", "from_settings"]


class QuantumPath:
    """Closed paths of N points at temperature T = 1 / (N a), with hbar = 1.

    Arguments:
        potential: coefficients of V.
        mass: m.
        temperature: T.
        points: N.

    Attributes:
        spacing: a.
        length: N a, the inverse temperature.
    """

    kind = "quantum_path"
    symmetries: tuple[Symmetry, ...] = (reversed_in_time, translated)

    def __init__(self, potential: Sequence[float], mass: float, temperature: float, points: int) -> None:
        self.potential, self.mass, self.site_shape = Potential(potential), float(mass), (points,)
        self.length = 1 / temperature
        self.spacing = self.length / points
        self.parameters = {
            "potential": list(potential),
            "mass": mass,
            "temperature": temperature,
            "shape": [points],
        }

    def view(self, configurations: np.ndarray) -> Paths:
        """What observables are shown of configurations (n, N)."""
        return Paths(configurations, self)

    def action(self, paths: Any) -> Any:
        """S of each path, (n,)."""
        return action(paths, self.potential, self.mass, self.spacing)

    def gradient(self, paths: Any) -> Any:
        """dS/dx."""
        return gradient(paths, self.potential, self.mass, self.spacing)

    def at(self, condition: Mapping[str, Any]) -> "QuantumPath":
        """The same particle at another temperature, or with paths of more points."""
        return from_settings({**self.parameters, **condition})

    def violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Left minus right side of the Schwinger-Dyson identities, (n,) each."""
        return schwinger_dyson(configurations, self)

    @cached_property
    def exact(self) -> TransferMatrix:
        """The transfer matrix at this spacing."""
        return TransferMatrix(*self._law)

    @cached_property
    def nearest(self) -> GaussianPaths:
        """The Gaussian of the gap equation."""
        return about_the_lowest_mean(*self._law)

    @property
    def thresholds(self) -> tuple[float, float]:
        """Positions below and above which a path is in the outermost wells."""
        return thresholds(self.potential)

    def bin_edges(self, bins: int) -> np.ndarray:
        """Edges of bins of the position."""
        return bin_edges(self.exact, bins)

    def log_partition(self) -> float:
        """Ln of the integral of exp(-S) over all positions."""
        return self.exact.log_partition - self.log_measure

    def ground_energy(self, log_partition: float) -> float:
        """E_0 at this spacing from `log_partition`, with the exact occupation of the ground state, nearly one."""
        return -(log_partition + self.log_measure + np.log(self.exact.occupation[0])) / self.length

    @property
    def log_measure(self) -> float:
        """Ln (m / 2 pi a)^(N/2), the measure that makes Z the trace of exp(-H/T) as a goes to 0."""
        return 0.5 * self.site_shape[0] * float(np.log(self.mass / (2 * np.pi * self.spacing)))

    def exact_values(self) -> list[dict[str, Any]]:
        """All observables, at this spacing and temperature."""
        return exact_rows(self.exact)

    @property
    def _law(self) -> tuple[Potential, float, float, int]:
        return self.potential, self.mass, self.spacing, self.site_shape[0]


class EvenPath(QuantumPath):
    """Paths in an even potential, to which those with the other sign belong."""

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """The mean position, which changes sign with the path, (n,)."""
        return mean_of_each(configurations)

    @cached_property
    def nearest(self) -> GaussianPaths:
        """The Gaussian of the gap equation about 0."""
        return centred(*self._law)

    def inverse_power(self) -> np.ndarray:
        """A(p) of the Gaussian of the gap equation."""
        return self.nearest.inverse_power

    def two_phases(self) -> tuple[float, np.ndarray]:
        """Mean and A(p) of the Gaussian in a well, by the gap equation."""
        well = in_a_well(*self._law)
        return well.mean, well.inverse_power


def from_settings(settings: Mapping[str, Any]) -> QuantumPath:
    """Build the system of a `system` block."""
    coefficients, (points,) = settings["potential"], settings["shape"]
    kind = EvenPath if Potential(coefficients).even else QuantumPath
    return kind(coefficients, settings.get("mass", 1.0), settings["temperature"], points)
