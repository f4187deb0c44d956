"""The species of a hadronic final state and their conserved charges.

26 species are stable in a cascade without electromagnetic and weak decays: nine baryons, their antiparticles, and eight
mesons. Masses, charges and quark contents are the PDG's, by the package `particle`. A 27th index, EMPTY, marks slots of a
fixed-size point cloud that hold no particle.
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

# PDG numbers.
BARYONS = (2212, 2112, 3122, 3222, 3212, 3112, 3322, 3312, 3334)
MESONS = (211, 111, -211, 221, 321, 311, -321, -311)
MEV = 1e-3
"""In GeV; the package `particle` gives masses in MeV."""


@dataclass(frozen=True)
class Species:
    """Species of particle.

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
    """Return the species of a PDG number; leptons and photons have B = S = 0, nuclei have B = A.

    Raises:
        ValueError: if the number is unknown, or its strangeness is not definite (K0 and K0bar are +-311).
    """
    try:
        particle = Particle.from_pdgid(pdg)
    except (InvalidParticle, ParticleNotFound):
        raise ValueError(f"{pdg} is no particle of the PDG") from None
    quarks = (particle.quarks or "").replace("sqrt", "")
    if pdg in (130, 310):
        raise ValueError(f"{pdg} ({particle.name}) has no definite strangeness; K0 and K0bar are +-311")
    if particle.mass is None or particle.charge != round(particle.charge):
        raise ValueError(
            f"{pdg} ({particle.name}) has no mass or no whole charge: not a particle of a final state"
        )
    nucleus = particle.pdgid.is_nucleus and abs(pdg) > 10**9
    baryon = particle.pdgid.A if nucleus else int(particle.pdgid.is_baryon)
    # A capital letter is an antiquark. Hidden flavour, as in eta = x(uU+dD)+y(sS), has as many s as S: no strangeness.
    strangeness = 0 if nucleus else quarks.count("S") - quarks.count("s")
    return Species(
        pdg,
        particle.name,
        particle.latex_name,
        particle.mass * MEV,
        round(particle.charge),
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
    """Return the index in SPECIES of each PDG number; -1 for a particle that is none of the 26."""
    index = _ORDER[np.searchsorted(PDG, pdg, sorter=_ORDER).clip(max=len(PDG) - 1)]
    return np.where(PDG[index] == pdg, index, -1)


def masses_of(pdg: np.ndarray) -> np.ndarray:
    """Return masses in GeV, (n,); raise ValueError for a number that `species_of` refuses."""
    kinds, inverse = np.unique(pdg, return_inverse=True)
    return np.array([species_of(int(kind)).mass for kind in kinds])[inverse] if len(kinds) else np.zeros(0)


def charges_of(pdg: np.ndarray) -> np.ndarray:
    """Return B, Q and S of each particle, (n, 3); raise ValueError for a number that `species_of` refuses."""
    kinds, inverse = np.unique(pdg, return_inverse=True)
    species = [species_of(int(kind)) for kind in kinds]
    return np.array([(s.baryon, s.charge, s.strangeness) for s in species], int).reshape(-1, 3)[inverse]
