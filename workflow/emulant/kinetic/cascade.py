"""Boost-invariant expansion with collisions, followed at space-time rapidity zero.

Between collisions a particle at eta = 0 keeps p_T, and p_z falls as 1/tau, as those that fly to eta = 0 have less of it;
collisions conserve energy and momentum, the expansion px, py and what is counted.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from emulant.errors import InputError
from emulant.kinetic.collider import collide
from emulant.kinetic.draws import Stream
from emulant.kinetic.two_body import energy

__all__ = ["RAPIDITY", "Matter", "Stage", "stream_freely"]

RAPIDITY = 2.0
"""Units of space-time rapidity that the particles of an event fill."""
MOST = 10.0
"""Candidates for collisions of a particle in a step, about twice its collisions: with a step of five mean free paths,
matter would not move as it collides."""


@dataclass(frozen=True)
class Matter:
    """Particles of an event.

    Attributes:
        position: (N, 2) in fm.
        momentum: (N, 4), E, p_x, p_y, p_z in GeV at eta = 0.
        mass: (N,) in GeV.
        charge: (N,) in thirds of the elementary charge.
        baryon: (N,) in thirds: 1 for quarks, -1 for antiquarks, 0 for mesons.
    """

    position: np.ndarray
    momentum: np.ndarray
    mass: np.ndarray
    charge: np.ndarray
    baryon: np.ndarray

    def __len__(self) -> int:
        return len(self.mass)


@dataclass(frozen=True)
class Stage:
    """Collisions of one kind of matter.

    Arguments:
        cross_section: in fm^2 (1 fm^2 = 10 mb), the same for all pairs, isotropic.
        step: of ln tau: matter is densest, and expands fastest, at the beginning.
        cell: edge of a cell in fm.
        key: of the configuration, for messages.
    """

    cross_section: float
    step: float
    cell: float
    key: str

    def evolve(self, matter: Matter, start: float, end: float, stream: Stream) -> int:
        """Move `matter` from proper time `start` to `end` in fm; returns the number of collisions.

        Raises:
            InputError: where matter is so dense that a step is longer than several mean free paths.
        """
        steps = max(1, round(np.log(end / start) / self.step))
        collisions, most = _evolve(
            *(matter.position, matter.momentum, matter.mass),
            *(start, end, steps, self.cross_section, self.cell, stream),
        )
        if most > MOST:
            largest = self.cross_section * MOST / most
            raise InputError(
                "system", self.key, f"at most {largest:.2g} fm^2 at this density", self.cross_section
            )
        return collisions


@njit(cache=True)
def stream_freely(position, momentum, mass, start, step):
    """Move particles from proper time `start` by `step` without collisions."""
    half, whole = start / (start + 0.5 * step), start / (start + step)
    for i in range(len(mass)):
        p = momentum[i]
        on_the_way = energy(p[1], p[2], p[3] * half, mass[i])
        position[i, 0] += p[1] / on_the_way * step
        position[i, 1] += p[2] / on_the_way * step
        p[3] *= whole
        p[0] = energy(p[1], p[2], p[3], mass[i])


@njit(cache=True, nogil=True)
def _evolve(position, momentum, mass, start, end, steps, cross_section, cell, stream):
    """Alternate streaming and collisions; stops where a step has more than MOST candidates a particle."""
    collisions, most, factor, tau = 0, 0.0, (end / start) ** (1 / steps), start
    for _ in range(steps):
        step = tau * (factor - 1)
        stream_freely(position, momentum, mass, tau, step)
        tau += step
        volume = cell * cell * tau * RAPIDITY
        more, candidates = collide(position, momentum, mass, cell, cross_section * step / volume, stream)
        collisions, most = collisions + more, max(most, candidates)
        if most > MOST:
            break
    return collisions, most
