"""Markov moves of the XY model: heat bath, over-relaxation, single clusters."""

import math

import numpy as np
from numba import njit, prange

from emulant.lattice.cluster import bonded
from emulant.randomness.xorshift import uniform

__all__ = ["advance", "von_mises"]

SOFT = 0.5
"""Concentration below which proposals are uniform: six of ten are accepted."""


@njit(parallel=True, cache=True)
def advance(angles, streams, count, moves, beta, neighbours, order):
    """Make `count` updates of each chain in place; each uses only its own numbers, whatever the number of threads.

    Arguments:
        angles: (chains, V) float64, in [-pi, pi).
        streams: states of the generators, (chains,) uint64.
        count: updates.
        moves: sweeps of heat bath, sweeps of over-relaxation, clusters of an update.
        beta: not negative.
        neighbours: (V, 4).
        order: of the sites in a sweep, (V,).
    """
    for chain in prange(angles.shape[0]):
        stack, state, field = np.empty(order.size, np.int64), streams[chain : chain + 1], angles[chain]
        for _ in range(count):
            for _ in range(moves[0]):
                _heat_bath(field, state, beta, neighbours, order)
            for _ in range(moves[1]):
                _over_relax(field, neighbours, order)
            for _ in range(moves[2]):
                _cluster(field, state, beta, neighbours, stack)


@njit(cache=True)
def _wrapped(angle):
    inside = angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))
    return inside if inside < math.pi else inside - 2 * math.pi


@njit(cache=True)
def _local(field, neighbours, site):
    """Sum the neighbours as vectors."""
    x, y = 0.0, 0.0
    for m in range(neighbours.shape[1]):
        x += math.cos(field[neighbours[site, m]])
        y += math.sin(field[neighbours[site, m]])
    return x, y


@njit(cache=True)
def von_mises(concentration, state):
    """Draw from e^(k cos theta) (D. J. Best and N. I. Fisher, J. R. Stat. Soc. C 28 (1979) 152)."""
    if concentration < SOFT:
        while True:
            theta = math.pi * (2.0 * uniform(state) - 1.0)
            if uniform(state) < math.exp(concentration * (math.cos(theta) - 1.0)):
                return theta
    a = 1.0 + math.sqrt(1.0 + 4.0 * concentration**2)
    b = (a - math.sqrt(2.0 * a)) / (2.0 * concentration)
    r = (1.0 + b * b) / (2.0 * b)
    while True:
        z = math.cos(math.pi * uniform(state))
        f = (1.0 + r * z) / (r + z)
        c = concentration * (r - f)
        # In (0, 1], for the logarithm.
        height = 1.0 - uniform(state)
        if c * (2.0 - c) > height or math.log(c / height) + 1.0 >= c:
            theta = math.acos(min(1.0, max(-1.0, f)))
            return theta if uniform(state) < 0.5 else -theta


@njit(cache=True)
def _heat_bath(field, state, beta, neighbours, order):
    for site in order:
        x, y = _local(field, neighbours, site)
        drawn = von_mises(beta * math.hypot(x, y), state)
        field[site] = _wrapped(math.atan2(y, x) + drawn)


@njit(cache=True)
def _over_relax(field, neighbours, order):
    """Reflect each angle in the sum of its neighbours, which leaves the energy alone."""
    for site in order:
        x, y = _local(field, neighbours, site)
        field[site] = _wrapped(2.0 * math.atan2(y, x) - field[site])


@njit(cache=True)
def _cluster(field, state, beta, neighbours, stack):
    """Reflect one cluster in a random line (U. Wolff, Phys. Rev. Lett. 62 (1989) 361).

    With c = cos(theta - axis) bonds are those of an Ising model, whose members all have one sign of c.
    """
    axis = 2.0 * math.pi * uniform(state)
    seed = min(field.size - 1, int(uniform(state) * field.size))
    field[seed] = _wrapped(2.0 * axis + math.pi - field[seed])
    stack[0], top = seed, 1
    while top > 0:
        top -= 1
        site = stack[top]
        # The site has been reflected already.
        reach = -2.0 * beta * math.cos(field[site] - axis)
        for m in range(neighbours.shape[1]):
            other = neighbours[site, m]
            bond = reach * math.cos(field[other] - axis)
            if bond > 0 and bonded(uniform(state), bond):
                field[other] = _wrapped(2.0 * axis + math.pi - field[other])
                stack[top] = other
                top += 1
