"""Initial state: massless quarks and antiquarks where T_RENTo's participants leave entropy."""

from dataclasses import dataclass

import numpy as np

from emulant.initial.trento import Trento
from emulant.kinetic.cascade import Matter

__all__ = ["InitialState", "flowing", "thermal_momenta"]


@dataclass(frozen=True)
class InitialState:
    """The matter of an event at the beginning.

    Quarks come with antiquarks of their flavour, so that an event is neutral.

    Attributes:
        collision: T_RENTo's nuclei, whose density says how many partons an event has and where; b along x.
        partons: of an event, over the integral of the reduced thickness.
        temperature: of the isotropic momenta, GeV.
        flow: transverse four-velocity at one standard deviation from the centre, along the normal of the ellipse.
        local_charges: fraction of antiquarks that are born where their quark is; the others are at points of their own.
    """

    collision: Trento
    partons: float
    temperature: float
    flow: float
    local_charges: float

    def draw(self, generator: np.random.Generator) -> Matter:
        """Draw an event.

        Raises:
            InputError: where no collision has participants.
        """
        states = self.collision.events((0,), int(generator.integers(2**62)))
        density, spacing = states.densities[0], states.spacing
        centre, variance = _moments(density, spacing)
        pairs = max(1, round(0.5 * self.partons * float(states.multiplicity[0])))
        quarks, others = (_points(density, spacing, pairs, generator) - centre for _ in range(2))
        together = generator.random(pairs) < self.local_charges
        position = np.concatenate([quarks, np.where(together[:, None], quarks, others)])
        momentum = flowing(
            thermal_momenta(2 * pairs, self.temperature, generator),
            self.flow * _normals(position, variance),
        )
        flavour = np.where(generator.random(pairs) < 0.5, 2, -1)
        signs = np.repeat([1, -1], pairs)
        return Matter(position, momentum, np.zeros(2 * pairs), signs * np.tile(flavour, 2), signs)


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


def _points(density: np.ndarray, spacing: float, count: int, generator: np.random.Generator) -> np.ndarray:
    """Draw points from a density (n, n) that is constant in each cell, (count, 2) in fm from the middle of the grid."""
    below = np.cumsum(density)
    cell = np.searchsorted(below, below[-1] * generator.random(count), side="right")
    corner = np.column_stack(np.divmod(np.minimum(cell, density.size - 1), len(density)))
    return spacing * (corner + generator.random((count, 2)) - 0.5 * len(density))


def _moments(density: np.ndarray, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of x and of y, (2,) each, in fm and fm^2."""
    middles = spacing * (np.arange(len(density)) - 0.5 * (len(density) - 1))
    weights = np.stack([density.sum(axis=1), density.sum(axis=0)]) / density.sum()
    mean = weights @ middles
    return mean, weights @ middles**2 - mean**2


def _normals(position: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Gradients of x^2 / 2 var x + y^2 / 2 var y, of length one on average at one standard deviation along an axis."""
    return position / variance * np.prod(variance) ** 0.25
