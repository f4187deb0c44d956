"""Markov moves of spins +-1 with S = -K sum of s s': heat bath, Metropolis, clusters of spins and of triangles."""

import math

import numpy as np
from numba import njit, prange

from emulant.lattice.cluster import bonded
from emulant.randomness.xorshift import uniform

__all__ = ["advance"]


@njit(parallel=True, cache=True)
def advance(spins, streams, count, moves, coupling, neighbours, order, accepted):
    """Make `count` updates of each chain in place; each uses only its own numbers, whatever the number of threads.

    Arguments:
        spins: (chains, V) int8.
        streams: states of the generators, (chains,) uint64.
        count: updates.
        moves: sweeps of heat bath, sweeps of Metropolis, clusters, sweeps of triangles of an update; the last ones for a
            triangular lattice and K < 0 alone.
        coupling: K, of either sign.
        neighbours: (V, number of neighbours).
        order: of the sites in a sweep of heat bath, (V,).
        accepted: part of the Metropolis proposals that was accepted, of heat bath and clusters 1, (chains,); added to.
    """
    for chain in prange(spins.shape[0]):
        members, inside = np.empty(order.size, np.int64), np.zeros(order.size, np.bool_)
        state, field = streams[chain : chain + 1], spins[chain]
        for _ in range(count):
            for _ in range(moves[0]):
                _heat_bath(field, state, coupling, neighbours, order)
            rate = 0.0 if moves[1] else 1.0
            for _ in range(moves[1]):
                rate += _metropolis(field, state, coupling, neighbours) / moves[1]
            for _ in range(moves[2]):
                _cluster(field, state, coupling, neighbours, members, inside)
            for _ in range(moves[3]):
                _triangles(field, state, coupling, neighbours, members)
            accepted[chain] += rate


@njit(cache=True)
def _local(field, neighbours, site):
    total = 0
    for m in range(neighbours.shape[1]):
        total += field[neighbours[site, m]]
    return total


@njit(cache=True)
def _heat_bath(field, state, coupling, neighbours, order):
    for site in order:
        up = 1.0 / (1.0 + math.exp(-2.0 * coupling * _local(field, neighbours, site)))
        field[site] = 1 if uniform(state) < up else -1


@njit(cache=True)
def _metropolis(field, state, coupling, neighbours):
    """Propose as many flips as there are sites, of random ones: in a fixed order K = 0 would flip all at once."""
    accepted = 0
    for _ in range(field.size):
        site = min(field.size - 1, int(uniform(state) * field.size))
        change = 2.0 * coupling * field[site] * _local(field, neighbours, site)
        if change <= 0 or uniform(state) < math.exp(-change):
            field[site] = -field[site]
            accepted += 1
    return accepted / field.size


@njit(cache=True)
def _cluster(field, state, coupling, neighbours, members, inside):
    """Flip one cluster (U. Wolff, Phys. Rev. Lett. 62 (1989) 361); satisfied bonds are set with 1 - exp(-2 |K|).

    Arguments:
        field: (V,), changed.
        state: of the generator, (1,).
        coupling: K.
        neighbours: of each site.
        members: scratch, (V,).
        inside: scratch, (V,) of False; with frustration two members may share a bond that is not satisfied.
    """
    members[0] = min(field.size - 1, int(uniform(state) * field.size))
    field[members[0]] = -field[members[0]]
    inside[members[0]] = True
    count, first = 1, 0
    while first < count:
        site = members[first]
        first += 1
        for m in range(neighbours.shape[1]):
            other = neighbours[site, m]
            # The site has flipped already, a neighbour outside of the cluster not.
            bond = -2.0 * coupling * field[site] * field[other]
            if not inside[other] and bond > 0 and bonded(uniform(state), bond):
                field[other] = -field[other]
                inside[other] = True
                members[count] = other
                count += 1
    for k in range(count):
        inside[members[k]] = False


@njit(cache=True)
def _triangles(field, state, coupling, neighbours, root):
    """Divide the lattice into clusters by one bond of each triangle, and flip each cluster with probability 1/2.

    A triangle (i, i - x, i - x - y) has each bond of the lattice once. With K < 0 and unlike signs one of its two satisfied
    bonds, each with the same probability, is set with 1 - exp(4K), the ratio of the weight of three equal spins to that
    of a ground state; so no flip costs energy in the ground states, and stripes are no trap (D. Kandel, R. Ben-Av,
    E. Domany, Phys. Rev. Lett. 65 (1990) 941; P. D. Coddington, L. Han, Phys. Rev. B 50 (1994) 3058).

    Arguments:
        field: (V,), changed.
        state: of the generator, (1,).
        coupling: K < 0.
        neighbours: of each site, those behind it in columns 0, 2, 4.
        root: scratch, (V,).
    """
    chance = -math.expm1(4.0 * coupling)
    for site in range(field.size):
        root[site] = site
    for site in range(field.size):
        beside, across = neighbours[site, 0], neighbours[site, 4]
        first, second, third = field[site], field[beside], field[across]
        if first == second == third or uniform(state) >= chance:
            continue
        # The spin that differs from both others has the two satisfied bonds.
        odd, one, two = site, beside, across
        if first == second:
            odd, one, two = across, site, beside
        elif first == third:
            odd, one, two = beside, site, across
        _joined(root, odd, one if uniform(state) < 0.5 else two)
    turn = np.empty(field.size, np.int8)
    for site in range(field.size):
        first_site = _root_of(root, site)
        if first_site == site:
            turn[site] = 1 if uniform(state) < 0.5 else -1
        field[site] *= turn[first_site]


@njit(cache=True)
def _root_of(root, site):
    """The first site of a cluster; what leads to it is shortened."""
    while root[site] != site:
        root[site] = root[root[site]]
        site = root[site]
    return site


@njit(cache=True)
def _joined(root, one, two):
    """Make one cluster of those of two sites."""
    one, two = _root_of(root, one), _root_of(root, two)
    root[max(one, two)] = min(one, two)
