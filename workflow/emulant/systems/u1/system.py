"""Two-dimensional U(1) gauge theory as a system of the pipeline."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from emulant.contracts.system import Symmetry
from emulant.gauge.admission import admit_angles, admit_branch
from emulant.gauge.exact import Torus
from emulant.gauge.exact_values import exact_rows, symmetry_rows
from emulant.gauge.heat_bath import swept
from emulant.gauge.plaquettes import plaquette_sums
from emulant.gauge.symmetries import conjugated, gauge_transformed, reflected, rotated, translated
from emulant.gauge.views import Links
from emulant.gauge.wilson import action, gradient, schwinger_dyson

__all__ = ["U1", "Loops", "WithRectangles", "from_settings"]

OFTEN_CHARGED = 0.25
"""<Q^2> from which 64 samples, the half of the smallest file, have all charge 0 but once in ten million files."""


class Loops:
    """Angles on the links of a torus with an action of small loops.

    Arguments:
        beta: coupling of the plaquettes, any real number.
        shape: L_t and L_s.
        rectangle: coupling of the loops of 2 x 1 links.
    """

    kind = "u1"
    dtype = "float64"

    def __init__(self, beta: float, shape: Sequence[int], rectangle: float = 0.0) -> None:
        self.beta, self.rectangle, self.site_shape = float(beta), float(rectangle), (2, *shape)
        self.parameters: dict[str, Any] = {"beta": beta, "shape": list(shape)}

    @property
    def symmetries(self) -> tuple[Symmetry, ...]:
        """Gauge transformations, translations, rotations and reflections that turn links, charge conjugation."""
        return (gauge_transformed, translated, reflected, rotated, conjugated)

    def at(self, condition: Mapping[str, Any]) -> "Loops":
        """The same theory at another coupling, or on another lattice."""
        return from_settings({**self.parameters, **condition})

    def view(self, configurations: np.ndarray) -> Links:
        """What observables are shown of configurations (n, *site_shape)."""
        return Links(configurations, self)

    def invariants(self, configurations: np.ndarray) -> np.ndarray:
        """Cosines and sines of the plaquettes, (n, 2, L_t, L_s): they tell everything but holonomies, which are uniform."""
        sums = plaquette_sums(configurations.astype(np.float64))
        return np.stack([np.cos(sums), np.sin(sums)], 1)

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """Sum of the sines of all plaquettes, which charge conjugation turns round, (n,)."""
        return np.sin(plaquette_sums(configurations.astype(np.float64))).sum((-2, -1))

    def action(self, links: Any) -> Any:
        """S of each configuration, (N,)."""
        return action(links, self.beta, self.rectangle)

    def gradient(self, links: Any) -> Any:
        """dS/dtheta."""
        return gradient(links, self.beta, self.rectangle)

    def violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Left minus right side of the Schwinger-Dyson identity, (n,), which every sector obeys by itself."""
        violation = schwinger_dyson(configurations, self.beta, self.rectangle)
        return {"<(dS/dtheta)^2> = <d^2S/dtheta^2>": violation}


class U1(Loops):
    """The Wilson action, which is solved.

    Arguments:
        beta: inverse coupling squared, any real number.
        shape: L_t and L_s.
    """

    def __init__(self, beta: float, shape: Sequence[int]) -> None:
        super().__init__(beta, shape)

    @property
    def plaquette_coupling(self) -> float:
        """The coupling of free plaquettes, whose law is that of the action but for their sum."""
        return self.beta

    @cached_property
    def exact(self) -> Torus:
        """The exact results of this torus."""
        return Torus(self.beta, self.site_shape[1] * self.site_shape[2])

    def swept(self, links: np.ndarray, sweeps: int, seed: int) -> np.ndarray:
        """Sweep by a heat bath of links with a shift of the charge after each (`gauge.heat_bath`)."""
        return swept(links, self.beta, sweeps, seed)

    def log_partition(self) -> float:
        """Ln Z with respect to the Haar measure."""
        return self.exact.log_z

    def global_violations(self, configurations: np.ndarray) -> dict[str, np.ndarray]:
        """Q^2 minus its exact mean, (n,), where charges are common: a frozen chain obeys every other identity."""
        expected = self.exact.charge_squared
        if expected < OFTEN_CHARGED:
            return {}
        return {f"<Q^2> = {expected:.6g}": self.view(configurations).charge ** 2 - expected}

    def admit(self, configurations: np.ndarray) -> tuple[np.ndarray, str]:
        """Read a user's angles (`gauge.admission`)."""
        return admit_angles(configurations, self.beta, self.exact.plaquette)

    def exact_values(self) -> list[dict[str, Any]]:
        """All observables: the theory is solved."""
        return exact_rows(self.exact, self.site_shape)


class WithRectangles(Loops):
    """The Wilson action and loops of 2 x 1 links, which nobody has solved.

    Arguments:
        beta: coupling of the plaquettes.
        shape: L_t and L_s.
        rectangle: coupling of the longer loops, not 0.
    """

    def __init__(self, beta: float, shape: Sequence[int], rectangle: float) -> None:
        super().__init__(beta, shape, rectangle)
        self.parameters["rectangle"] = rectangle

    @property
    def plaquette_coupling(self) -> float:
        """What holds one plaquette where all others are 0: each lies in four of the longer loops."""
        return self.beta + 4 * self.rectangle

    def admit(self, configurations: np.ndarray) -> tuple[np.ndarray, str]:
        """Wrap a user's angles; no exact plaquette tells in which unit they are."""
        return admit_branch(configurations)

    def exact_values(self) -> list[dict[str, Any]]:
        """What vanishes by symmetry."""
        return symmetry_rows()


def from_settings(settings: Mapping[str, Any]) -> U1 | WithRectangles:
    """Build the system of a `system` block."""
    beta, shape, rectangle = settings["beta"], settings["shape"], settings.get("rectangle", 0)
    return WithRectangles(beta, shape, rectangle) if rectangle else U1(beta, shape)
