"""Species of particles and their conserved charges.

26 species are stable in a cascade without electromagnetic and weak decays: nine baryons, their antiparticles, and eight
mesons. Masses, charges and quark contents are the PDG's, by the package `particle`. A 27th index, EMPTY, marks slots of a
fixed-size point cloud that hold no particle. The digits of a nucleus, 10LZZZAAAI, tell how many strange quarks, charges and
baryons it has, whether the PDG lists it or not (Review of Particle Physics, Monte Carlo particle numbering scheme, item 14).
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from particle import InvalidParticle, Particle, ParticleNotFound

__all__ = [
    "CHARGES",
    "EMPTY",
    "INDEFINITE",
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
INDEFINITE = (310, 130)
"""K_S and K_L, equal mixtures of K0 and K0bar: they have no strangeness of their own, and count as 0."""
NEUTRINOS = (12, 14, 16)
"""Without a mass in the PDG's table; at energies of GeV they have none."""
NUCLEI = range(10**9, 11 * 10**8)
"""Numbers 10LZZZAAAI."""
NUCLEUS = re.compile(r"10(?P<strange>\d)(?P<charge>\d{3})(?P<baryon>\d{3})\d")
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
    """Return the species of a PDG number; leptons and photons have B = S = 0, as have K_S and K_L.

    Raises:
        ValueError: if the number is unknown, or that of no particle of a final state.
    """
    if abs(pdg) in NUCLEI:
        return _nucleus(pdg)
    particle = _listed(pdg)
    if particle is None:
        raise ValueError(f"{pdg} is no particle of the PDG")
    mass = 0.0 if abs(pdg) in NEUTRINOS else particle.mass
    if mass is None or particle.charge != round(particle.charge):
        raise ValueError(
            f"{pdg} ({particle.name}) has no mass or no whole charge: not a particle of a final state"
        )
    quarks = (particle.quarks or "").replace("sqrt", "")
    baryon = int(particle.pdgid.is_baryon)
    # A capital letter is an antiquark. Hidden flavour, as in eta = x(uU+dD)+y(sS), has as many s as S: no strangeness.
    strangeness = 0 if pdg in INDEFINITE else quarks.count("S") - quarks.count("s")
    return Species(
        pdg,
        particle.name,
        particle.latex_name,
        mass * MEV,
        round(particle.charge),
        baryon if pdg > 0 else -baryon,
        strangeness,
    )


def _listed(pdg: int) -> Particle | None:
    """Return the particle of the PDG's table, None if there is none."""
    try:
        return Particle.from_pdgid(pdg)
    except (InvalidParticle, ParticleNotFound):
        return None


def _nucleus(pdg: int) -> Species:
    """Return a nucleus, hypernucleus or one of antimatter; its mass is that of its baryons where the PDG lists none.

    Binding lowers that by less than 1 %. Strange quarks are taken to be those of Lambdas.

    Raises:
        ValueError: if protons and Lambdas are more than the baryons, or there are none.
    """
    strange, charge, baryon = (int(digits) for digits in NUCLEUS.fullmatch(str(abs(pdg))).groups())
    neutrons = baryon - charge - strange
    if baryon == 0 or neutrons < 0:
        raise ValueError(f"{pdg} is no nucleus: {charge} charges and {strange} Lambdas in {baryon} baryons")
    listed, sign = _listed(pdg), 1 if pdg > 0 else -1
    parts = zip((2212, 2112, 3122), (charge, neutrons, strange), strict=True)
    mass = sum(number * species_of(kind).mass for kind, number in parts)
    if listed is not None:
        mass = listed.mass * MEV
    name, symbol = (str(pdg), str(pdg)) if listed is None else (listed.name, listed.latex_name)
    return Species(pdg, name, symbol, mass, sign * charge, sign * baryon, -sign * strange)


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
