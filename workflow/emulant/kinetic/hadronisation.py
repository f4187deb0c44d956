"""Hadronisation: quarks meet the nearest antiquarks, light pairs become pions, heavier ones rho-like clusters, which decay.

Every step conserves energy, momentum and charge. A pair below the mass of two pions becomes a pion: with the nearest
cluster that lets it, it exchanges momentum along their line of flight in their centre of mass.
"""

import numpy as np
from numba import njit

from emulant.kinetic.cascade import Matter
from emulant.kinetic.draws import Stream, direction
from emulant.kinetic.two_body import boosted, broken_up, energy, invariant

__all__ = ["PION", "coalesced", "decayed"]

PION = 0.13957
"""GeV, of charged pions; neutral ones have it too, as there is no isospin breaking here."""


def coalesced(matter: Matter) -> Matter:
    """Return pions and clusters of quarks and antiquarks, of which there must be equally many."""
    quarks, antiquarks = (np.flatnonzero(matter.baryon == sign) for sign in (1, -1))
    partners = antiquarks[_nearest(matter.position[quarks], matter.position[antiquarks])]
    position = 0.5 * (matter.position[quarks] + matter.position[partners])
    momentum = matter.momentum[quarks] + matter.momentum[partners]
    mass = np.sqrt(np.maximum(momentum[:, 0] ** 2 - (momentum[:, 1:] ** 2).sum(axis=1), 0))
    _light_to_pions(position, momentum, mass)
    charge = matter.charge[quarks] + matter.charge[partners]
    return Matter(position, momentum, mass, charge, np.zeros_like(charge))


def decayed(matter: Matter, stream: Stream) -> Matter:
    """Let clusters above the mass of two pions decay isotropically: neutral ones to pi+ pi-, charged ones to pi+- pi0."""
    heavy = np.flatnonzero(matter.mass > 2 * PION)
    light = np.flatnonzero(matter.mass <= 2 * PION)
    first, second = _two_pions(matter.momentum[heavy], matter.mass[heavy], stream)
    charge = matter.charge[heavy]
    lighter = np.full(len(heavy), PION)
    return Matter(
        matter.position[np.concatenate([light, heavy, heavy])],
        np.concatenate([matter.momentum[light], first, second]),
        np.concatenate([matter.mass[light], lighter, lighter]),
        np.concatenate(
            [matter.charge[light], np.where(charge == 0, 3, charge), np.where(charge == 0, -3, 0)]
        ),
        np.zeros(len(light) + 2 * len(heavy), matter.baryon.dtype),
    )


@njit(cache=True, nogil=True)
def _nearest(quarks, antiquarks):
    """Index of the nearest antiquark that is free, for one quark after the other."""
    # What is still free lies in front, side by side in memory.
    x, y = antiquarks[:, 0].copy(), antiquarks[:, 1].copy()
    index, partner = np.arange(len(antiquarks)), np.empty(len(quarks), np.int64)
    for i in range(len(quarks)):
        last, best, least = len(quarks) - i - 1, 0, np.inf
        for k in range(last + 1):
            dx, dy = x[k] - quarks[i, 0], y[k] - quarks[i, 1]
            distance = dx * dx + dy * dy
            if distance < least:
                best, least = k, distance
        partner[i] = index[best]
        x[best], y[best], index[best] = x[last], y[last], index[last]
    return partner


@njit(cache=True)
def _partner(position, momentum, mass, i):
    """Nearest cluster with which cluster i can become a pion, or -1."""
    best, least = -1, np.inf
    for j in range(len(mass)):
        dx, dy = position[j, 0] - position[i, 0], position[j, 1] - position[i, 1]
        distance = dx * dx + dy * dy
        if j == i or distance >= least:
            continue
        # Above both thresholds they move in their centre of mass, before and after.
        if invariant(momentum[i], momentum[j]) > (max(mass[i], PION) + mass[j]) ** 2:
            best, least = j, distance
    return best


@njit(cache=True, nogil=True)
def _light_to_pions(position, momentum, mass):
    """Put clusters that are lighter than two pions on the pion's mass shell; one without any partner keeps its mass."""
    for i in range(len(mass)):
        j = _partner(position, momentum, mass, i) if mass[i] < 2 * PION else -1
        if j < 0:
            continue
        total, root = momentum[i] + momentum[j], np.sqrt(invariant(momentum[i], momentum[j]))
        back = -total
        back[0] = total[0]
        p = momentum[i]
        x, y, z = boosted(back, root, p[1], p[2], p[3], p[0])
        length = np.sqrt(x * x + y * y + z * z)
        x, y, z = broken_up(total, root, PION, mass[j], x / length, y / length, z / length)
        mass[i] = PION
        p[0], p[1], p[2], p[3] = energy(x, y, z, PION), x, y, z
        momentum[j, 1:] = total[1:] - p[1:]
        momentum[j, 0] = energy(momentum[j, 1], momentum[j, 2], momentum[j, 3], mass[j])


@njit(cache=True, nogil=True)
def _two_pions(momentum, mass, stream):
    """Momenta of two pions from each cluster, (N, 4) each."""
    first = np.empty_like(momentum)
    for i in range(len(mass)):
        nx, ny, nz = direction(stream)
        x, y, z = broken_up(momentum[i], mass[i], PION, PION, nx, ny, nz)
        first[i, 0], first[i, 1], first[i, 2], first[i, 3] = energy(x, y, z, PION), x, y, z
    second = momentum - first
    return first, second
