"""Scalar phi^4 theory as a system of the pipeline."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from emulant.lattice.action import action, gradient
from emulant.lattice.annealing import moved, operations_per_move
from emulant.lattice.free import free_field_squared, free_susceptibility, stiffness
from emulant.lattice.gap_equation import broken_gap, gap_mass, gaussian_inverse_power
from emulant.scalar.fields import Fields
from emulant.scalar.schwinger_dyson import schwinger_dyson
from emulant.scalar.symmetry import reflected_and_exchanged
from emulant.statistics.means import mean_of_each

__all__ = ["Phi4", "from_settings"]


class Phi4:
    """The action (K) on a periodic lattice.

    Arguments:
        kappa: hopping parameter.
        coupling: lambda.
        shape: lattice shape.
    """

    kind = "phi4"
    symmetries = (reflected_and_exchanged,)

    def __init__(self, kappa: float, coupling: float, shape: tuple[int, ...]) -> None:
        self.kappa, self.coupling, self.site_shape = kappa, coupling, tuple(shape)
        self.parameters = {"kappa": kappa, "lambda": coupling, "shape": list(shape)}

    def view(self, configurations: np.ndarray) -> Fields:
        """What observables are shown of configurations (n, *site_shape)."""
        return Fields(configurations, self)

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """The mean, which changes sign with the configuration, (n,)."""
        return mean_of_each(configurations)

    def action(self, fields: Any) -> Any:
        """S of each configuration, (N,)."""
        return action(fields, self.kappa, self.coupling)

    def gradient(self, fields: Any) -> Any:
        """dS/dphi."""
        return gradient(fields, self.kappa, self.coupling)

    def inverse_power(self) -> np.ndarray:
        """A(p) of the Gaussian of the gap equation."""
        return gaussian_inverse_power(self.kappa, self.coupling, self.site_shape)

    def two_phases(self) -> tuple[float, np.ndarray]:
        """Mean and A(p) of the Gaussian about it, by the gap equation of the broken phase."""
        return broken_gap(self.kappa, self.coupling, self.site_shape)

    @property
    def operations_per_move(self) -> float:
        """Floating-point operations of one move of one configuration."""
        return operations_per_move(self.site_shape)

    def moved(self, fields: np.ndarray, t: float, seed: int) -> np.ndarray:
        """Move each configuration at the part t of the interaction (`lattice.annealing`)."""
        mass = (1 - t) * self.start_mass + t * (1 - 2 * self.coupling)
        return moved(fields, self.kappa, mass, t * self.coupling, seed)

    def at(self, condition: Mapping[str, Any]) -> "Phi4":
        """The same theory at other couplings, or on another lattice."""
        return from_settings({**self.parameters, **condition})

    def violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Left minus right side of the Schwinger-Dyson identities, (n,) each."""
        return schwinger_dyson(configurations, self)

    def exact_values(self) -> list[dict[str, Any]]:
        """The Schwinger-Dyson identity, and the free field where lambda = 0."""
        rows = [{"observable": "schwinger_dyson", "index": 0, "value": 1.0, "error": 0.0}]
        if self.coupling == 0 and stiffness(self.kappa, self.site_shape) > 0:
            free = {
                "field_squared": free_field_squared(self.kappa, self.site_shape),
                "susceptibility": free_susceptibility(self.kappa, len(self.site_shape)),
                "action_density": 0.5,
            }
            rows += [{"observable": k, "index": 0, "value": v, "error": 0.0} for k, v in free.items()]
        return rows

    @cached_property
    def start_mass(self) -> float:
        """Coefficient of phi^2 in the Gaussian of the gap equation."""
        return gap_mass(self.kappa, self.coupling, self.site_shape)

    @property
    def volume(self) -> int:
        """Number of sites."""
        return math.prod(self.site_shape)


def from_settings(settings: Mapping[str, Any]) -> Phi4:
    """Build the system of a `system` block."""
    return Phi4(settings["kappa"], settings["lambda"], tuple(settings["shape"]))
