"""Nuclei as Woods-Saxon densities, spherical or deformed.

Parameters of T_RENTo's `src/nucleus.cxx`: PHOBOS Glauber [1408.2549], PHENIX [1509.06727], and for Ru and Zr [1901.04378].
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np

from emulant.errors import InputError, unknown

__all__ = ["NUCLEI", "Nucleus", "nucleus_of"]

PACKED = 0.5
"""Part of a sphere of the nucleus' radius that spheres of the diameter `distance` may fill: angles drawn at random place the
nucleons of lead up to 1.8 fm, where 1 % of them find no room; beyond, they are no longer independent of the distance."""
TAIL = 3.0
"""Surface thicknesses beyond the radius at which T_RENTo takes nuclei to end when it draws an impact parameter."""
DEFORMED = 1.0
"""Largest |beta|: beyond it R(theta) of the series in Y20 and Y40 is no radius any more."""


@dataclass(frozen=True)
class Nucleus:
    """A nucleus, density 1 / (1 + exp((r - R(theta)) / a)) with R(theta) = R (1 + beta2 Y20 + beta4 Y40).

    Attributes:
        mass_number: nucleons.
        radius, diffuseness: R and a in fm.
        beta2, beta4: deformations; the axis has a direction of its own in every event.
    """

    mass_number: int
    radius: float
    diffuseness: float
    beta2: float = 0.0
    beta4: float = 0.0

    def surface(self, cosine: np.ndarray) -> np.ndarray:
        """Compute R(theta) in fm at cosines of the angle to the axis."""
        squared = np.square(cosine)
        y20 = np.sqrt(5 / np.pi) / 4 * (3 * squared - 1)
        y40 = 3 / (16 * np.sqrt(np.pi)) * (35 * squared**2 - 30 * squared + 3)
        return self.radius * (1 + self.beta2 * y20 + self.beta4 * y40)

    @property
    def longest(self) -> float:
        """Largest R(theta) in fm."""
        return float(self.surface(np.linspace(0, 1, 101)).max())

    @property
    def reach(self) -> float:
        """Radius in fm beyond which two nuclei are not brought together: the largest R(theta) + 3 a."""
        return self.longest + TAIL * self.diffuseness

    def check(self, key: str) -> None:
        """Raise InputError, its key beginning with `key`, where no nucleus has these parameters."""
        bounds = {"mass_number": (1, 400), "radius": (0, 20), "diffuseness": (0, 2)}
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high or getattr(self, name) == 0:
                raise InputError(
                    "system", f"{key}.{name}", f"a number in ({low}, {high}]", getattr(self, name)
                )
        for name in ("beta2", "beta4"):
            if not abs(getattr(self, name)) < DEFORMED:
                raise InputError("system", f"{key}.{name}", "a deformation in (-1, 1)", getattr(self, name))

    def check_distance(self, distance: float) -> None:
        """Raise InputError where nucleons that far apart do not fit into the nucleus."""
        most = 2 * self.radius * (PACKED / self.mass_number) ** (1 / 3)
        if self.mass_number > 1 and not 0 <= distance <= most:
            expected = f"a distance in [0, {most:.2f}] fm, where {self.mass_number} nucleons find room"
            raise InputError("system", "distance", expected, distance)

    def to_dict(self) -> dict[str, Any]:
        """As in a configuration."""
        return asdict(self)

    @classmethod
    def of(cls, block: Mapping[str, Any], key: str) -> Self:
        """Build and check the nucleus of a block of the configuration; raises InputError for keys that it cannot have."""
        names = [field.name for field in fields(cls)]
        for name in block:
            if name not in names:
                raise InputError("system", f"{key}.{name}", *unknown(name, names))
        for name in names[:3]:
            if name not in block:
                raise InputError("system", key, f"a nucleus with {', '.join(names[:3])}", dict(block))
        nucleus = cls(**block)
        nucleus.check(key)
        return nucleus


NUCLEI = {
    "p": Nucleus(1, 1e-9, 1e-9),
    "Cu": Nucleus(63, 4.20, 0.596),
    "Cu2": Nucleus(63, 4.20, 0.596, 0.162, -0.006),
    "Zr": Nucleus(96, 5.02, 0.46),
    "Ru": Nucleus(96, 5.085, 0.46, 0.158, 0.0),
    "Xe": Nucleus(129, 5.36, 0.590),
    "Xe2": Nucleus(129, 5.36, 0.590, 0.162, -0.003),
    "Au": Nucleus(197, 6.38, 0.535),
    "Au2": Nucleus(197, 6.38, 0.535, -0.131, -0.031),
    "Pb": Nucleus(208, 6.62, 0.546),
    "U": Nucleus(238, 6.81, 0.600, 0.280, 0.093),
    "U2": Nucleus(238, 6.86, 0.420, 0.265, 0.0),
    "U3": Nucleus(238, 6.67, 0.440, 0.280, 0.093),
}
"""By T_RENTo's names; a proton is a point at the origin."""


def nucleus_of(value: str | Mapping[str, Any], key: str) -> Nucleus:
    """Return the nucleus of a name, or of a block of its parameters; raises InputError whose key begins with `key`."""
    if not isinstance(value, str):
        return Nucleus.of(value, key)
    if value not in NUCLEI:
        raise InputError("system", key, *unknown(value, list(NUCLEI)))
    return NUCLEI[value]
