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
    order, partner = np.argsort(antiquarks[:, 0]), np.empty(len(quarks), np.int64)
    x, y = antiquarks[order, 0], antiquarks[order, 1]
    taken = np.zeros(len(order), np.bool_)
    for i in range(len(quarks)):
        middle, best, least = np.searchsorted(x, quarks[i, 0]), -1, np.inf
        # Outwards along x, on either side until x alone is farther than the nearest.
        for step in (1, -1):
            k = middle if step == 1 else middle - 1
            while 0 <= k < len(x):
                dx, dy = x[k] - quarks[i, 0], y[k] - quarks[i, 1]
                if dx * dx >= least:
                    break
                if not taken[k] and dx * dx + dy * dy < least:
                    best, least = k, dx * dx + dy * dy
                k += step
        partner[i], taken[best] = order[best], True
    return partner


@njit(cache=True)
def _partner(order, first, x, y, momentum, mass):
    """Nearest cluster with which cluster order[first] can become a pion, or -1; x and y in the order of x."""
    i, best, least = order[first], -1, np.inf
    for step in (1, -1):
        k = first + step
        while 0 <= k < len(x):
            dx, dy = x[k] - x[first], y[k] - y[first]
            if dx * dx >= least:
                break
            j, distance = order[k], dx * dx + dy * dy
            # Above both thresholds they move in their centre of mass, before and after.
            if distance < least and invariant(momentum[i], momentum[j]) > (max(mass[i], PION) + mass[j]) ** 2:
                best, least = j, distance
            k += step
    return best


@njit(cache=True, nogil=True)
def _light_to_pions(position, momentum, mass):
    """Put clusters that are lighter than two pions on the pion's mass shell; one without any partner keeps its mass."""
    order = np.argsort(position[:, 0])
    x, y = position[order, 0], position[order, 1]
    for first in range(len(mass)):
        i = order[first]
        j = _partner(order, first, x, y, momentum, mass) if mass[i] < 2 * PION else -1
        if j < 0:
            continue
        total, root = momentum[i] + momentum[j], np.sqrt(invariant(momentum[i], momentum[j]))
        back = -total
        back[0] = total[0]
        p = momentum[i]
        x0, y0, z0 = boosted(back, root, p[1], p[2], p[3], p[0])
        length = np.sqrt(x0 * x0 + y0 * y0 + z0 * z0)
        px, py, pz = broken_up(total, root, PION, mass[j], x0 / length, y0 / length, z0 / length)
        mass[i] = PION
        p[0], p[1], p[2], p[3] = energy(px, py, pz, PION), px, py, pz
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
