"""Embedded Wolff clusters: they flip whole domains, which Hybrid Monte Carlo cannot.

A bond between neighbours of equal sign is set with probability 1 - exp(-4 kappa phi_x phi_y) (Brower & Tamayo,
Phys. Rev. Lett. 62 (1989) 1087, in the hopping form of the action; U. Wolff, ibid. 361).
"""

import math

import numpy as np
from numba import njit, prange

__all__ = ["cluster_flips"]


@njit(cache=True)
def _uniform(state, chain):
    """The next number of a chain's own xorshift64* stream, in [0, 1)."""
    x = state[chain]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[chain] = x
    return np.float64((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(parallel=True, cache=True)
def cluster_flips(phi, neighbours, interior, kappa, flips, state):
    """`flips` single-cluster flips in every chain, in place.

    Arguments:
        phi: (chains, size) with ghosts; only the sites of `interior` are touched.
        neighbours: site numbers of the 2d neighbours, (V, 2d).
        interior: flat position of each site, (V,).
        kappa: hopping parameter.
        flips: clusters for each chain.
        state: generator states, (chains,) uint64, not zero; updated.
    """
    volume = interior.size
    for chain in prange(phi.shape[0]):
        stack = np.empty(volume, np.int64)
        field = phi[chain]
        for _ in range(flips):
            seed = min(volume - 1, int(_uniform(state, chain) * volume))
            sign = 1.0 if field[interior[seed]] > 0 else -1.0
            stack[0], top = seed, 1
            field[interior[seed]] = -field[interior[seed]]
            while top > 0:
                top -= 1
                site = stack[top]
                size = -field[interior[site]] * sign
                for m in range(neighbours.shape[1]):
                    other = neighbours[site, m]
                    there = field[interior[other]] * sign
                    if there > 0 and _uniform(state, chain) < 1.0 - math.exp(-4.0 * kappa * size * there):
                        field[interior[other]] = -field[interior[other]]
                        stack[top] = other
                        top += 1
