"""Initial state: massless quarks and antiquarks about the nucleons that a Glauber collision hits."""

from dataclasses import dataclass

import numpy as np

from emulant.collisions.glauber import collide
from emulant.collisions.nuclei import check_geometry
from emulant.errors import InputError
from emulant.kinetic.cascade import Matter

__all__ = ["WIDTH", "InitialState", "flowing", "thermal_momenta"]

WIDTH = 0.5
"""Gaussian width in fm of the matter that a participant leaves, that of a nucleon in T_RENTo's fits [1605.03954]."""
ATTEMPTS = 1000
"""Collisions that are tried for one with participants: minimum-bias impact parameters miss less often than hit."""


@dataclass(frozen=True)
class InitialState:
    """Nuclei, and the matter of an event at the beginning.

    Quarks come with antiquarks of their flavour, so that an event is neutral.

    Attributes:
        projectile, target: mass number and charge.
        impact: lowest and highest impact parameter in fm, drawn with weight b db; along x.
        nucleon_cross_section: inelastic, in fm^2.
        partons: mean number of partons of a participant.
        temperature: of the isotropic momenta, GeV.
        flow: transverse four-velocity at one standard deviation from the centre, along the normal of the ellipse.
        local_charges: fraction of antiquarks that are born where their quark is; the others are at points of their own.
    """

    projectile: tuple[int, int]
    target: tuple[int, int]
    impact: tuple[float, float]
    nucleon_cross_section: float
    partons: float
    temperature: float
    flow: float
    local_charges: float

    def check(self) -> None:
        """Raise InputError for nuclei that do not exist or never meet."""
        check_geometry("system", self)

    def draw(self, generator: np.random.Generator) -> Matter:
        """Draw an event.

        Raises:
            InputError: where no collision has participants.
        """
        participants = self._participants(generator)
        pairs = max(1, round(0.5 * self.partons * len(participants)))
        quarks, others = (_smeared(participants, pairs, generator) for _ in range(2))
        together = generator.random(pairs) < self.local_charges
        position = np.concatenate([quarks, np.where(together[:, None], quarks, others)])
        momentum = flowing(
            thermal_momenta(2 * pairs, self.temperature, generator),
            self.flow * _normals(position, participants.var(axis=0) + WIDTH**2),
        )
        flavour = np.where(generator.random(pairs) < 0.5, 2, -1)
        signs = np.repeat([1, -1], pairs)
        return Matter(position, momentum, np.zeros(2 * pairs), signs * np.tile(flavour, 2), signs)

    def _participants(self, generator: np.random.Generator) -> np.ndarray:
        """Draw positions of the nucleons hit about their centre, (participants, 2) in fm."""
        low, high = self.impact
        for _ in range(ATTEMPTS):
            impact = np.sqrt(low**2 + (high**2 - low**2) * generator.random(1))
            hit = collide(self.projectile, self.target, impact, self.nucleon_cross_section, generator)
            positions = np.concatenate(
                [hit.positions_projectile[hit.projectile], hit.positions_target[hit.target]]
            )
            if len(positions):
                return positions - positions.mean(axis=0)
        expected = f"nuclei that meet: no participants in {ATTEMPTS} collisions"
        raise InputError("system", "impact", expected, list(self.impact))


def thermal_momenta(count: int, temperature: float, generator: np.random.Generator) -> np.ndarray:
    """Draw momenta of a massless Boltzmann gas at rest, (count, 4) in GeV."""
    p, cosine = generator.gamma(3, temperature, count), generator.uniform(-1, 1, count)
    angle, transverse = generator.uniform(0, 2 * np.pi, count), p * np.sqrt(1 - cosine**2)
    return np.column_stack([p, transverse * np.cos(angle), transverse * np.sin(angle), p * cosine])


def flowing(momenta: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Boost momenta (N, 4) of massless particles by transverse four-velocities (N, 2)."""
    gamma = np.sqrt(1 + (velocity**2).sum(axis=1))
    along = (momenta[:, 1:3] * velocity).sum(axis=1)
    transverse = momenta[:, 1:3] + (momenta[:, 0] + along / (1 + gamma))[:, None] * velocity
    p = np.column_stack([transverse, momenta[:, 3]])
    return np.column_stack([np.sqrt((p**2).sum(axis=1)), p])


def _smeared(participants: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Draw points about participants, (count, 2) in fm."""
    chosen = participants[generator.integers(len(participants), size=count)]
    return chosen + WIDTH * generator.standard_normal((count, 2))


def _normals(position: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Gradients of x^2 / 2 var x + y^2 / 2 var y, of length one on average at one standard deviation along an axis."""
    return position / variance * np.prod(variance) ** 0.25
