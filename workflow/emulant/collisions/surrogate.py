"""Surrogate generator of heavy-ion events, for tests and where UrQMD cannot run. It is not a transport model.

A Monte Carlo Glauber model selects the nucleons that are hit. They become an ideal hadron gas with exactly their B, Q and
S, which expands as a blast wave with exactly their energy and momentum. The others are spectators and keep the beam
momentum, without Fermi motion. There are no resonances. Yields are of the order of central Au+Au at 10 AGeV; other
energies are in `freeze_out`.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from emulant.collisions.blast_wave import blast_wave
from emulant.collisions.events import Events, on_shell
from emulant.collisions.exact_sums import conserving
from emulant.collisions.glauber import Participants, collide
from emulant.collisions.hadron_gas import canonical_counts, yields_per_baryon
from emulant.collisions.nuclei import check_collision
from emulant.collisions.species import MASSES, PDG, species_index
from emulant.collisions.urqmd_types import NUCLEON
from emulant.errors import InputError

__all__ = ["BATCH", "FACTS", "Surrogate"]

FACTS = ("impact_parameter", "spectators", "beam_energy")
BATCH = 64
"""Events per random stream; a batch is always drawn in full, so an event does not depend on the number requested."""
ATTEMPTS = 100
"""Draws of an event whose hadrons are heavier than its energy, before the gas counts as too hot for the collision."""


@dataclass(frozen=True)
class Surrogate:
    """Collision system and parameters of the surrogate.

    Attributes:
        energy: kinetic energy of the beam, GeV a nucleon, on a target at rest.
        projectile, target: mass number and charge.
        impact: lowest and highest impact parameter in fm; if they differ, b is drawn with weight b db.
        cross_section: inelastic nucleon-nucleon cross section in fm^2.
        chemical_temperature, chemical_potential, strangeness_suppression: of the hadron gas, GeV and gamma_s.
        kinetic_temperature, surface_velocity, width: of the blast wave, in GeV, units of c and units of rapidity.
        response: rho_2 divided by the eccentricity of the hit nucleons.
    """

    energy: float = 10.0
    projectile: tuple[int, int] = (197, 79)
    target: tuple[int, int] = (197, 79)
    impact: tuple[float, float] = (1.0, 1.0)
    cross_section: float = 2.9
    chemical_temperature: float = 0.115
    chemical_potential: float = 0.48
    strangeness_suppression: float = 0.5
    kinetic_temperature: float = 0.12
    surface_velocity: float = 0.7
    width: float = 0.6
    response: float = 0.5

    def __post_init__(self) -> None:
        for name in ("projectile", "target", "impact"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_collision("surrogate", self)
        for name in ("cross_section", "chemical_temperature", "kinetic_temperature"):
            if not 0 < getattr(self, name) < np.inf:
                raise InputError("surrogate", name, "a number > 0", getattr(self, name))
        if not 0 <= self.surface_velocity < 1:
            raise InputError("surrogate", "surface_velocity", "0 <= beta_s < 1", self.surface_velocity)

    @property
    def parameters(self) -> dict[str, Any]:
        """Settings as written to the metadata of a file."""
        return {**asdict(self), "generator": "surrogate"}

    @property
    def beam_momentum(self) -> float:
        """Momentum of each beam nucleon in the nucleon-nucleon centre of mass, GeV."""
        return float(np.sqrt(NUCLEON * self.energy / 2))

    def events(self, count: int, seed: int, first: int = 0) -> Iterator[Events]:
        """Yield batches of `count` events numbered from `first`; a seed and a first number determine the events."""
        for start in range(0, count, BATCH):
            generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(first + start,)))
            yield self._batch(first + start + np.arange(min(BATCH, count - start)), generator)

    def _batch(self, number: np.ndarray, generator: np.random.Generator) -> Events:
        low, high = self.impact
        impact = np.sqrt(low**2 + (high**2 - low**2) * generator.random(BATCH))
        hit = collide(self.projectile, self.target, impact, self.cross_section, generator)
        hadrons = self._fireballs(hit, generator)
        spectators = self._spectators(hit)
        facts = {"impact_parameter": impact, "spectators": spectators.sums()}
        facts["beam_energy"] = np.full(BATCH, float(self.energy))
        return _together(hadrons, spectators, facts)[: len(number)].numbered(number)

    def _fireballs(self, hit: Participants, generator: np.random.Generator) -> Events:
        """Draw hadrons of all events of a batch with the four-momentum and charges of the hit nucleons."""
        baryon, charge, energy, pz = self._initial(hit.projectile, hit.target, hit)
        counts = np.zeros((len(baryon), len(PDG)), int)
        momenta: list[np.ndarray] = [np.zeros((0, 4))] * len(baryon)
        waiting = np.flatnonzero(baryon)
        for _ in range(ATTEMPTS):
            if not len(waiting):
                break
            multiplicities, event_momenta, possible = self._attempt(
                baryon[waiting],
                charge[waiting],
                energy[waiting],
                pz[waiting],
                hit.eccentricity[waiting],
                generator,
            )
            for k in np.flatnonzero(possible):
                counts[waiting[k]], momenta[waiting[k]] = multiplicities[k], event_momenta[k]
            waiting = waiting[~possible]
        else:
            raise RuntimeError("the hit nucleons have too little energy for the hadrons of this gas")
        kinds = np.tile(np.arange(len(PDG)), len(counts))
        pdg = PDG[np.repeat(kinds, counts.ravel())]
        return Events(np.arange(len(counts)), counts.sum(axis=1), pdg, np.concatenate(momenta))

    def _attempt(
        self,
        baryon: np.ndarray,
        charge: np.ndarray,
        energy: np.ndarray,
        pz: np.ndarray,
        eccentricity: np.ndarray,
        generator: np.random.Generator,
    ) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        """Draw numbers of each species and momenta of each event; also return the mask of events that conserve energy."""
        nuclear = (self.projectile[1] + self.target[1]) / (self.projectile[0] + self.target[0])
        gas = (self.chemical_temperature, self.chemical_potential, self.strangeness_suppression, nuclear)
        charges = np.column_stack([baryon, charge, np.zeros_like(baryon)])
        counts = canonical_counts(baryon[:, None] * np.array(yields_per_baryon(*gas)), charges, generator)
        particles = counts.sum(axis=1)
        species = np.repeat(np.tile(np.arange(len(PDG)), len(counts)), counts.ravel())
        momenta = blast_wave(
            species,
            np.repeat(self.response * eccentricity, particles),
            temperature=self.kinetic_temperature,
            surface_velocity=self.surface_velocity,
            width=self.width,
            generator=generator,
        )
        occupied = np.arange(particles.max(initial=1)) < particles[:, None]
        cloud, masses = np.zeros((*occupied.shape, 4)), np.zeros(occupied.shape)
        cloud[occupied], masses[occupied] = momenta, MASSES[species]
        zeros = np.zeros_like(pz)
        cloud, possible = conserving(cloud, masses, occupied, np.column_stack([zeros, zeros, pz, energy]))
        return counts, np.split(cloud[occupied], np.cumsum(particles)[:-1]), possible

    def _spectators(self, hit: Participants) -> Events:
        """Return the nucleons that were not hit, with the beam momentum."""
        missed = np.concatenate([~hit.projectile, ~hit.target], axis=1)
        proton = np.concatenate([hit.protons_projectile, hit.protons_target], axis=1)
        direction = np.repeat([1.0, -1.0], [hit.projectile.shape[1], hit.target.shape[1]])
        pdg = np.where(proton, 2212, 2112)[missed]
        pz = np.broadcast_to(direction * self.beam_momentum, missed.shape)[missed]
        momenta = on_shell(np.column_stack([np.zeros((len(pz), 2)), pz]), MASSES[species_index(pdg)])
        return Events(np.arange(len(missed)), missed.sum(axis=1), pdg, momenta)

    def _initial(
        self, projectile: np.ndarray, target: np.ndarray, hit: Participants
    ) -> tuple[np.ndarray, ...]:
        """Return B, Q, energy and pz of selected nucleons, each (events,)."""
        baryon = projectile.sum(axis=1) + target.sum(axis=1)
        protons = (projectile & hit.protons_projectile).sum(axis=1) + (target & hit.protons_target).sum(
            axis=1
        )
        proton, neutron = (float(np.hypot(self.beam_momentum, MASSES[k])) for k in (0, 1))
        pz = self.beam_momentum * (projectile.sum(axis=1) - target.sum(axis=1))
        return baryon, protons, protons * proton + (baryon - protons) * neutron, pz


def _together(one: Events, two: Events, facts: dict[str, np.ndarray]) -> Events:
    """Merge the particles of each event, those of `one` first."""
    order = np.argsort(np.concatenate([one.owner, two.owner]), kind="stable")
    pdg = np.concatenate([one.pdg, two.pdg])[order]
    return Events(
        one.number, one.counts + two.counts, pdg, np.concatenate([one.momenta, two.momenta])[order], facts
    )
