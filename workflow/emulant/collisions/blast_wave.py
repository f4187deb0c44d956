r"""Blast-wave model: momenta of hadrons from an expanding thermal source.

A particle has a thermal momentum exp(-E/T) p^2 dp in a cell that moves outwards with transverse rapidity
rho = artanh(beta_s) (r/R) (1 + 2 rho_2 cos 2 phi), r uniform on the disc, and along the beam with a rapidity from a
normal distribution (E. Schnedermann, J. Sollfrank, U. Heinz, Phys. Rev. C 48 (1993) 2462; F. Retiere and M. A. Lisa,
Phys. Rev. C 70 (2004) 044907, for rho_2).
"""

from functools import cache

import numpy as np

from emulant.collisions.events import boosted
from emulant.collisions.species import MASSES

__all__ = ["blast_wave", "thermal_momenta"]

GRID = 4000
"""Points at which the momentum distribution is tabulated for inverse sampling; each pair (species, T) is done once."""


@cache
def _inverse(species: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the cumulative distribution of the momentum on a grid, and the grid in GeV."""
    mass = MASSES[species]
    # At the last momentum the Boltzmann factor is below exp(-30), for light and for heavy hadrons.
    p = np.linspace(0, 30 * temperature + 10 * np.sqrt(mass * temperature), GRID)
    density = p**2 * np.exp(-(np.sqrt(p**2 + mass**2) - mass) / temperature)
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return cumulative / cumulative[-1], p


def thermal_momenta(species: np.ndarray, temperature: float, generator: np.random.Generator) -> np.ndarray:
    """Draw isotropic thermal momenta (n, 3) in GeV of particles given by their indices in SPECIES."""
    uniform, momentum = generator.random(len(species)), np.empty(len(species))
    for kind in np.unique(species):
        of_kind = species == kind
        momentum[of_kind] = np.interp(uniform[of_kind], *_inverse(int(kind), temperature))
    cosine, angle = generator.uniform(-1, 1, len(species)), generator.uniform(0, 2 * np.pi, len(species))
    transverse = momentum * np.sqrt(1 - cosine**2)
    return np.column_stack([transverse * np.cos(angle), transverse * np.sin(angle), momentum * cosine])


def blast_wave(
    species: np.ndarray,
    anisotropy: np.ndarray,
    *,
    temperature: float,
    surface_velocity: float,
    width: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw momenta (n, 4) of particles in GeV; momentum and energy are not conserved yet.

    Arguments:
        species: indices in SPECIES, (n,).
        anisotropy: rho_2 of each particle's event, (n,).
        temperature: kinetic freeze-out temperature, GeV.
        surface_velocity: beta_s, in units of c.
        width: standard deviation of the cells' rapidities along the beam.
        generator: source of all random numbers.
    """
    momenta = thermal_momenta(species, temperature, generator)
    energy = np.sqrt(np.sum(momenta**2, axis=1) + MASSES[species] ** 2)
    radius, angle = np.sqrt(generator.random(len(species))), generator.uniform(0, 2 * np.pi, len(species))
    rho = np.arctanh(surface_velocity) * radius * (1 + 2 * anisotropy * np.cos(2 * angle))
    outwards = np.tanh(rho)[:, None] * np.column_stack([np.cos(angle), np.sin(angle), np.zeros(len(angle))])
    moving = boosted(np.column_stack([momenta, energy]), outwards)
    along = np.tanh(width * generator.standard_normal(len(species)))
    return boosted(moving, np.column_stack([np.zeros((len(along), 2)), along]))
