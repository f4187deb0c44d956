r"""Momenta of hadrons from an expanding source, and their exact conservation.

A particle has a thermal momentum exp(-E/T) p^2 dp in a cell that moves outwards with transverse rapidity
rho = artanh(beta_s) (r/R) (1 + 2 rho_2 cos 2 phi), r uniform on the disc, and along the beam with a rapidity from a
normal distribution (E. Schnedermann, J. Sollfrank, U. Heinz, Phys. Rev. C 48 (1993) 2462; F. Retiere and M. A. Lisa,
Phys. Rev. C 70 (2004) 044907, for rho_2). Then each event is boosted to rest and its momenta are scaled by one factor,
found so that the energies add up, as in RAMBO (R. Kleiss, W. J. Stirling, S. D. Ellis, Comput. Phys. Commun. 40 (1986)
359): sums of momenta and energies are exact to rounding.
"""

from functools import cache

import numpy as np

from emulant.collisions.events import boosted
from emulant.collisions.species import MASSES

__all__ = ["blast_wave", "conserving", "thermal_momenta"]

GRID = 4000
ITERATIONS, PRECISION = 60, 1e-14


@cache
def _inverse(species: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative distribution of the momentum on a grid, and the grid."""
    mass = MASSES[species]
    p = np.linspace(0, 30 * temperature + 10 * np.sqrt(mass * temperature), GRID)
    density = p**2 * np.exp(-(np.sqrt(p**2 + mass**2) - mass) / temperature)
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return cumulative / cumulative[-1], p


def thermal_momenta(species: np.ndarray, temperature: float, generator: np.random.Generator) -> np.ndarray:
    """Isotropic momenta (n, 3) in GeV of particles given by their places in SPECIES."""
    uniform, size = generator.random(len(species)), np.empty(len(species))
    for kind in np.unique(species):
        mine = species == kind
        size[mine] = np.interp(uniform[mine], *_inverse(int(kind), temperature))
    cosine, angle = generator.uniform(-1, 1, len(species)), generator.uniform(0, 2 * np.pi, len(species))
    flat = size * np.sqrt(1 - cosine**2)
    return np.column_stack([flat * np.cos(angle), flat * np.sin(angle), size * cosine])


def blast_wave(
    species: np.ndarray,
    anisotropy: np.ndarray,
    *,
    temperature: float,
    surface_velocity: float,
    width: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Momenta (n, 4) of particles; nothing is conserved yet.

    Arguments:
        species: places in SPECIES.
        anisotropy: rho_2 of each particle's event.
        temperature: at the last scattering, GeV.
        surface_velocity: beta_s.
        width: standard deviation of the cells' rapidities along the beam.
        generator: of all random numbers.
    """
    momenta = thermal_momenta(species, temperature, generator)
    energy = np.sqrt(np.sum(momenta**2, axis=1) + MASSES[species] ** 2)
    radius, angle = np.sqrt(generator.random(len(species))), generator.uniform(0, 2 * np.pi, len(species))
    rho = np.arctanh(surface_velocity) * radius * (1 + 2 * anisotropy * np.cos(2 * angle))
    outwards = np.tanh(rho)[:, None] * np.column_stack([np.cos(angle), np.sin(angle), np.zeros(len(angle))])
    moving = boosted(np.column_stack([momenta, energy]), outwards)
    along = np.tanh(width * generator.standard_normal(len(species)))
    return boosted(moving, np.column_stack([np.zeros((len(along), 2)), along]))


def conserving(
    momenta: np.ndarray, masses: np.ndarray, counts: np.ndarray, energy: np.ndarray, pz: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Change momenta (n, 4) so that those of each event sum to (0, 0, pz, energy); (n, 4), and which events have it.

    An event that has fewer than two particles, or masses above its energy, cannot have it and is left as it was.

    Arguments:
        momenta: of all events, one after another.
        masses: of each particle.
        counts: particles of each event, (events,).
        energy, pz: of each event.
    """
    owner = np.repeat(np.arange(len(counts)), counts)

    def sums(values: np.ndarray) -> np.ndarray:
        return np.bincount(owner, values, len(counts))

    with np.errstate(invalid="ignore"):
        invariant = np.sqrt(energy**2 - pz**2)
    possible = (counts >= 2) & (sums(masses) < invariant)
    total = np.column_stack([sums(column) for column in momenta.T])
    rest = np.where(possible[:, None], -total[:, :3] / np.where(possible, total[:, 3], 1)[:, None], 0)
    there = boosted(momenta, rest[owner])[:, :3]
    # What rounding left of the sum would grow with the number of particles.
    mean = np.column_stack([sums(column) for column in there.T]) / np.maximum(counts, 1)[:, None]
    there = there - mean[owner]
    scale = _scale(np.sum(there**2, axis=1), masses, owner, np.where(possible, invariant, np.nan), sums)
    there = there * np.where(possible, scale, 0)[owner][:, None]
    on_shell = np.column_stack([there, np.sqrt(np.sum(there**2, axis=1) + masses**2)])
    along = np.where(possible, pz / np.where(possible, energy, 1), 0)
    found = boosted(on_shell, np.column_stack([np.zeros((len(owner), 2)), along[owner]]))
    return np.where(possible[owner][:, None], found, momenta), possible


def _scale(squared, masses, owner, invariant, sums):
    """Factor of the momenta of each event at which the energies sum to `invariant`: Newton, from above, is monotone."""
    scale = np.ones(len(invariant))
    # Above the root: energies exceed the momenta, so the factor of massless particles is never too small.
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(invariant > 0, invariant / sums(np.sqrt(squared)), 1.0)
        for _ in range(ITERATIONS):
            energy = np.sqrt(scale[owner] ** 2 * squared + masses**2)
            step = (sums(energy) - invariant) / sums(scale[owner] * squared / energy)
            scale = scale - step
            if not np.nanmax(np.abs(step / scale), initial=0) > PRECISION:
                break
    return scale
