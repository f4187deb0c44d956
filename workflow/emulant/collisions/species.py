"""The species of a hadronic final state and their conserved charges.

26 species live to the end of a cascade without electromagnetic and weak decays: nine baryons, their antiparticles, and
eight mesons. Masses, charges and quark contents are the PDG's, by the package `particle`. A 27th name, EMPTY, marks
the slots of a fixed-size cloud that hold no particle.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from particle import InvalidParticle, Particle, ParticleNotFound

__all__ = [
    "CHARGES",
    "EMPTY",
    "MASSES",
    "PDG",
    "SPECIES",
    "Species",
    "charges_of",
    "masses_of",
    "species_index",
    "species_of",
]

BARYONS = (2212, 2112, 3122, 3222, 3212, 3112, 3322, 3312, 3334)
MESONS = (211, 111, -211, 221, 321, 311, -321, -311)
MEV = 1e-3


@dataclass(frozen=True)
class Species:
    """A kind of particle.

    Attributes:
        pdg: number in the PDG's scheme.
        name: as the PDG writes it in plain text.
        symbol: LaTeX.
        mass: in GeV.
        charge: electric charge Q.
        baryon: baryon number B.
        strangeness: S, -1 for a strange quark.
    """

    pdg: int
    name: str
    symbol: str
    mass: float
    charge: int
    baryon: int
    strangeness: int


@cache
def species_of(pdg: int) -> Species:
    """The species of a PDG number; electrons and photons have no charge but Q, nuclei have B = A.

    Raises:
        ValueError: where the number is unknown, or its strangeness is not definite (K0 and K0bar are +-311).
    """
    try:
        found = Particle.from_pdgid(pdg)
    except (InvalidParticle, ParticleNotFound):
        raise ValueError(f"{pdg} is no particle of the PDG") from None
    quarks = (found.quarks or "").replace("sqrt", "")
    if pdg in (130, 310):
        raise ValueError(f"{pdg} ({found.name}) has no definite strangeness; K0 and K0bar are +-311")
    if found.mass is None or found.charge != round(found.charge):
        raise ValueError(
            f"{pdg} ({found.name}) has no mass or no whole charge: not a particle of a final state"
        )
    nucleus = found.pdgid.is_nucleus and abs(pdg) > 10**9
    baryon = found.pdgid.A if nucleus else int(found.pdgid.is_baryon)
    # Hidden flavour, as in eta = x(uU+dD)+y(sS), carries no strangeness: as many s as S.
    strangeness = 0 if nucleus else quarks.count("S") - quarks.count("s")
    return Species(
        pdg,
        found.name,
        found.latex_name,
        found.mass * MEV,
        round(found.charge),
        baryon if pdg > 0 else -baryon,
        strangeness,
    )


SPECIES = tuple(species_of(pdg) for pdg in (*BARYONS, *(-pdg for pdg in BARYONS), *MESONS))
PDG = np.array([species.pdg for species in SPECIES])
MASSES = np.array([species.mass for species in SPECIES])
CHARGES = np.array([(species.baryon, species.charge, species.strangeness) for species in SPECIES])
EMPTY = len(SPECIES)

_ORDER = np.argsort(PDG)


def species_index(pdg: np.ndarray) -> np.ndarray:
    """Place in SPECIES of each PDG number; -1 for a particle that is none of the 26."""
    place = _ORDER[np.searchsorted(PDG, pdg, sorter=_ORDER).clip(max=len(PDG) - 1)]
    return np.where(PDG[place] == pdg, place, -1)


def masses_of(pdg: np.ndarray) -> np.ndarray:
    """Masses in GeV; raises ValueError for a number that `species_of` refuses."""
    kinds, inverse = np.unique(pdg, return_inverse=True)
    return np.array([species_of(int(kind)).mass for kind in kinds])[inverse] if len(kinds) else np.zeros(0)


def charges_of(pdg: np.ndarray) -> np.ndarray:
    """B, Q and S of each particle, (n, 3); raises ValueError for a number that `species_of` refuses."""
    kinds, inverse = np.unique(pdg, return_inverse=True)
    found = [species_of(int(kind)) for kind in kinds]
    return np.array([(s.baryon, s.charge, s.strangeness) for s in found], int).reshape(-1, 3)[inverse]
