"""Resonances that feed pi, K and p most, and their decays, isotropic in the frame of the resonance.

    spectra = spectra_of(densities, species=(*SPECIES, *RESONANCES), ...)
    events = fed_down(particles_of(spectra, window=2.0, seed=1), seed=2)

rho, K*(892), Delta(1232), omega and eta, at their pole masses (no widths), with the branching ratios of the PDG 2024, those
of Delta and K* by isospin; what these leave of each resonance goes to photons alone, or is below 1 %. Three-body decays are
uniform in phase space. Particles other than charged pi, K and p are dropped, and heavier resonances are left out.
"""

from typing import NamedTuple

import numpy as np

from emulant.collisions.events import Events, boosted, on_shell
from emulant.collisions.species import masses_of
from emulant.hydro.thermal import SPECIES, ThermalSpecies

__all__ = ["CHANNELS", "RESONANCES", "Channel", "fed_down"]

RESONANCES = (
    ThermalSpecies(113, 0.77526, 3, 1, 2, states=1),
    ThermalSpecies(213, 0.77526, 3, 1, 2),
    ThermalSpecies(313, 0.89555, 3, 1, 2),
    ThermalSpecies(323, 0.89167, 3, 1, 2),
    ThermalSpecies(223, 0.78266, 3, 1, 2, states=1),
    ThermalSpecies(221, 0.547862, 1, 1, 3, states=1),
    *(ThermalSpecies(pdg, 1.232, 4, -1, 1) for pdg in (2224, 2214, 2114, 1114)),
)


class Channel(NamedTuple):
    """A decay: its branching ratio and the PDG numbers of what comes out."""

    ratio: float
    daughters: tuple[int, ...]


CHANNELS = {
    113: (Channel(1.0, (211, -211)),),
    213: (Channel(1.0, (211, 111)),),
    313: (Channel(2 / 3, (321, -211)), Channel(1 / 3, (311, 111))),
    323: (Channel(2 / 3, (311, 211)), Channel(1 / 3, (321, 111))),
    223: (Channel(0.892, (211, -211, 111)), Channel(0.0835, (111, 22)), Channel(0.0153, (211, -211))),
    221: (
        Channel(0.3257, (111, 111, 111)),
        Channel(0.2302, (211, -211, 111)),
        Channel(0.0428, (211, -211, 22)),
    ),
    2224: (Channel(1.0, (2212, 211)),),
    2214: (Channel(2 / 3, (2212, 111)), Channel(1 / 3, (2112, 211))),
    2114: (Channel(1 / 3, (2212, -211)), Channel(2 / 3, (2112, 111))),
    1114: (Channel(1.0, (2112, -211)),),
}
"""Of each resonance; antiparticles decay to antiparticles."""
OWN = (111, 22)
"""Particles that are their own antiparticles."""
STABLE = tuple(species.pdg for species in SPECIES)


def fed_down(events: Events, seed: int) -> Events:
    """Replace resonances by the charged pions, kaons and protons that they decay to.

    Daughters have other rapidities than their parent: draw parents in a window wider by two units and cut the events.

    Arguments:
        events: with resonances, as `particles_of` draws them.
        seed: of the decays.
    """
    generator = np.random.default_rng([seed, 1])
    stable = np.isin(np.abs(events.pdg), STABLE)
    parts = [(events.owner[stable], events.pdg[stable], events.momenta[stable])]
    for resonance in RESONANCES:
        parents = np.flatnonzero(np.abs(events.pdg) == resonance.pdg)
        channels = CHANNELS[resonance.pdg]
        ratios = np.array([channel.ratio for channel in channels])
        drawn = np.searchsorted(np.cumsum(ratios), generator.random(len(parents)), side="right")
        for number, channel in enumerate(channels):
            chosen = parents[drawn == number]
            parts += _products(events, chosen, channel.daughters, generator)
    owner, pdg, momenta = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(events))
    return Events(events.number, counts, pdg[order], momenta[order], events.facts, complete=False)


def _products(
    events: Events, parents: np.ndarray, daughters: tuple[int, ...], generator: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return owner, PDG number and momentum of each daughter that is not dropped."""
    signs = np.sign(events.pdg[parents])
    momenta = _decayed(events.momenta[parents], masses_of(np.array(daughters)), generator)
    return [
        (events.owner[parents], pdg * signs, momentum)
        for pdg, momentum in zip(daughters, momenta, strict=True)
        if abs(pdg) in STABLE
    ]


def _decayed(parents: np.ndarray, masses: np.ndarray, generator: np.random.Generator) -> list[np.ndarray]:
    """Return momenta (N, 4) of two or three daughters of parents (N, 4), isotropic, uniform in phase space."""
    whole = np.sqrt(np.maximum(parents[:, 3] ** 2 - np.sum(parents[:, :3] ** 2, axis=1), 0))
    if len(masses) == 2:
        return _pair(parents, whole, *masses, generator)
    pair = _pair_mass(whole, masses, generator)
    both, last = _pair(parents, whole, pair, masses[2], generator)
    return [*_pair(both, pair, masses[0], masses[1], generator), last]


def _pair(
    parents: np.ndarray,
    whole: np.ndarray,
    one: np.ndarray | float,
    other: np.ndarray | float,
    generator: np.random.Generator,
) -> list[np.ndarray]:
    """Return momenta of two daughters of parents of mass `whole`, back to back in its frame."""
    direction = generator.normal(size=(len(whole), 3))
    direction *= (_breakup(whole, one, other) / np.linalg.norm(direction, axis=1))[:, None]
    velocity = parents[:, :3] / parents[:, 3:]
    full = [np.broadcast_to(mass, whole.shape) for mass in (one, other)]
    return [
        boosted(on_shell(sign * direction, mass), velocity) for sign, mass in zip((1, -1), full, strict=True)
    ]


def _breakup(whole: np.ndarray, one: np.ndarray | float, other: np.ndarray | float) -> np.ndarray:
    """Momentum of two daughters in the frame of their parent."""
    product = (whole**2 - (one + other) ** 2) * (whole**2 - (one - other) ** 2)
    return np.sqrt(np.maximum(product, 0)) / (2 * whole)


def _pair_mass(whole: np.ndarray, masses: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw the mass of the first two of three daughters: its density is the product of both breakup momenta."""
    low, result = masses[0] + masses[1], np.zeros(len(whole))
    left = np.arange(len(whole))
    while len(left):
        high = whole[left] - masses[2]
        pair = generator.uniform(low, high)
        # Each factor is largest at one end.
        most = _breakup(whole[left], low, masses[2]) * _breakup(high, *masses[:2])
        weight = _breakup(whole[left], pair, masses[2]) * _breakup(pair, *masses[:2])
        taken = generator.random(len(left)) * most < weight
        result[left[taken]] = pair[taken]
        left = left[~taken]
    return result
