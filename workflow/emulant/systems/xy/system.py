"""The XY model as a system of the pipeline."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.contracts.system import Symmetry
from emulant.gauge.admission import check_unit, in_range
from emulant.spins.angle_chains import CLUSTERS, AngleChains
from emulant.spins.angle_views import Angles
from emulant.spins.angles import energy, gradient, schwinger_dyson
from emulant.spins.symmetries import OF_LATTICE, mirrored, turned

__all__ = ["XY", "from_settings"]


class XY:
    """Angles on the sites of a square torus, S = -beta sum over bonds of the cosine of their difference.

    Arguments:
        beta: inverse temperature.
        shape: rows and sites in a row.
    """

    kind = "xy"
    dtype = "float64"
    symmetries: tuple[Symmetry, ...] = (*OF_LATTICE["square"], turned, mirrored)

    def __init__(self, beta: float, shape: tuple[int, ...]) -> None:
        self.beta, self.site_shape = float(beta), tuple(shape)
        self.parameters = {"beta": beta, "shape": list(shape)}

    def view(self, configurations: np.ndarray) -> Angles:
        """What observables are shown of configurations (n, *site_shape)."""
        return Angles(configurations, self)

    def invariants(self, configurations: np.ndarray) -> np.ndarray:
        """Cosines and sines, (n, 2, L_y, L_x): -pi and pi are one angle."""
        return np.stack([np.cos(configurations), np.sin(configurations)], 1)

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """Sum of the sines, which a reflection of all angles turns round, (n,)."""
        return np.sin(configurations).sum((1, 2))

    def energy(self, angles: Any) -> Any:
        """E of each configuration, (N,)."""
        return energy(angles)

    def action(self, angles: Any) -> Any:
        """S of each configuration, (N,)."""
        return self.beta * energy(angles)

    def gradient(self, angles: Any) -> Any:
        """dS/dtheta."""
        return gradient(angles, self.beta)

    def swept(self, angles: np.ndarray, sweeps: int, seed: int) -> np.ndarray:
        """Sweep by a heat bath of single angles, over-relaxation, and clusters after each (`spins.angle_chains`)."""
        chains = AngleChains(angles, self.beta, seed=seed)
        chains.advance(CLUSTERS, sweeps)
        return chains.angles

    def violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Left minus right side of the Schwinger-Dyson identity, (n,), which another beta breaks."""
        return {"<(dS/dtheta)^2> = <d^2S/dtheta^2>": schwinger_dyson(configurations, self.beta)}

    def admit(self, configurations: np.ndarray) -> tuple[np.ndarray, str]:
        """Bring a user's angles into [-pi, pi); raises InputError where the identity says that they are in another unit."""
        evidence = "in which <(dS/dtheta)^2> is near <d^2S/dtheta^2>"
        check_unit(configurations, lambda angles: abs(schwinger_dyson(angles, self.beta).mean()), evidence)
        return in_range(configurations, "angles")

    def at(self, condition: Mapping[str, Any]) -> "XY":
        """The same model at another temperature, or on another lattice."""
        return from_settings({**self.parameters, **condition})

    def exact_values(self) -> list[dict[str, Any]]:
        """The Schwinger-Dyson identity: nothing else is known at finite beta and volume."""
        return [{"observable": "schwinger_dyson", "index": 0, "value": 0.0, "error": 0.0}]


def from_settings(settings: Mapping[str, Any]) -> XY:
    """Build the system of a `system` block."""
    return XY(settings["beta"], tuple(settings["shape"]))
