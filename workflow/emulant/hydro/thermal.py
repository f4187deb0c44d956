"""Species of an ideal gas at the switch, and their density in equilibrium."""

from dataclasses import dataclass

import numpy as np
from scipy.special import kn

from emulant.hydro.units import HBARC

__all__ = ["SPECIES", "ThermalSpecies", "density"]


@dataclass(frozen=True)
class ThermalSpecies:
    """One charge state of a hadron.

    Attributes:
        pdg: number in the PDG's scheme.
        mass: GeV.
        spins: 2 J + 1.
        sign: 1 of a boson, -1 of a fermion.
        terms: Boltzmann terms of the quantum statistics; what is left out is below 10^-4 of the number at T = 0.15 GeV.
        states: 2 with its antiparticle, 1 where it is its own.
    """

    pdg: int
    mass: float
    spins: int
    sign: int
    terms: int
    states: int = 2


SPECIES = (
    ThermalSpecies(211, 0.13957039, 1, 1, 6),
    ThermalSpecies(321, 0.493677, 1, 1, 3),
    ThermalSpecies(2212, 0.93827209, 2, -1, 2),
)
"""pi^+, K^+ and p, masses of the PDG 2024."""


def density(species: ThermalSpecies, temperature: float) -> float:
    """Compute the number in 1/fm^3 at rest: g m^2 T / (2 pi^2) sum_k (+-1)^(k-1) K_2(k m / T) / k."""
    k = np.arange(1, species.terms + 1)
    series = np.sum(float(species.sign) ** (k - 1) * kn(2, k * species.mass / temperature) / k)
    return float(species.spins * species.mass**2 * temperature * series / (2 * np.pi**2 * HBARC**3))
