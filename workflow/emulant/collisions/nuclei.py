"""Nuclei: their existence, their radii, and the collisions that can be simulated."""

from typing import Any

import numpy as np
from particle import InvalidParticle, Particle, ParticleNotFound

from emulant.collisions.urqmd_types import NUCLEON
from emulant.errors import InputError

__all__ = ["check_collision", "nucleus_exists", "touching_distance"]

NUCLEONS = {(1, 1), (1, 0)}
"""Proton and neutron, which have no nuclear number in the PDG's scheme."""
LOWEST = 2.0
"""GeV in the nucleon-nucleon centre of mass, below which UrQMD is not to be used."""
SURFACE = 1.5
"""fm that UrQMD adds to each radius for the surface in its largest impact parameter."""
UNIT_RADIUS = (3 / (4 * np.pi * 0.16)) ** (1 / 3)
"""r_0 in fm, radius of the sphere of one nucleon at normal nuclear density 0.16 / fm^3."""


def nucleus_exists(mass_number: int, charge: int) -> bool:
    """Return whether the PDG's table, by the package `particle`, has a nucleus of this mass number and charge."""
    if (mass_number, charge) in NUCLEONS:
        return True
    try:
        Particle.from_pdgid(10**9 + 10_000 * charge + 10 * mass_number)
    except (InvalidParticle, ParticleNotFound):
        return False
    return True


def touching_distance(one: int, other: int) -> float:
    """Compute the largest impact parameter in fm at which nuclei of these mass numbers meet in UrQMD: both radii plus 3 fm.

    UrQMD's radius of a nucleus is r_0 (A / 2 + (A^(1/3) - 1)^3 / 2)^(1/3).
    """
    radii = (UNIT_RADIUS * (0.5 * (a + (a ** (1 / 3) - 1) ** 3)) ** (1 / 3) for a in (one, other))
    return float(sum(radii) + 2 * SURFACE)


def check_collision(source: str, collision: Any) -> None:
    """Check `projectile`, `target`, `energy` and `impact` of a collision.

    Raises:
        InputError: for a nucleus that does not exist, an energy below UrQMD's range, or impact parameters at which
            the nuclei always miss each other; its key names the attribute.
    """
    _check_nuclei(source, collision)
    lowest = (LOWEST**2 - 4 * NUCLEON**2) / (2 * NUCLEON)
    if not lowest <= collision.energy < np.inf:
        raise InputError(
            source, "energy", f"a kinetic energy >= {lowest:.2f} GeV a nucleon", collision.energy
        )
    _check_impact(source, collision)


def _check_nuclei(source: str, collision: Any) -> None:
    for name in ("projectile", "target"):
        nucleus = getattr(collision, name)
        if len(nucleus) != 2 or not 0 <= nucleus[1] <= nucleus[0] or nucleus[0] < 1:
            raise InputError(source, name, "[mass number, charge]", list(nucleus))
        if not nucleus_exists(*nucleus):
            raise InputError(source, name, "the mass number and charge of a known nucleus", list(nucleus))


def _check_impact(source: str, collision: Any) -> None:
    impact = collision.impact
    most = touching_distance(collision.projectile[0], collision.target[0])
    if len(impact) != 2 or not 0 <= impact[0] <= impact[1] < np.inf or impact[0] > most:
        expected = f"[lowest, highest] in fm, the lowest at most {most:.1f} where these nuclei still meet"
        raise InputError(source, "impact", expected, list(impact))
