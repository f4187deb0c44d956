"""Embedded Wolff clusters: they flip whole domains, which Hybrid Monte Carlo cannot.

A bond between neighbours of equal sign is set with probability 1 - exp(-4 kappa phi_x phi_y) (R. C. Brower and
P. Tamayo, Phys. Rev. Lett. 62 (1989) 1087, in the hopping form of the action; U. Wolff, ibid. 361).
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


@njit(cache=True)
def _bonded(uniform, bond):
    """Whether uniform < 1 - exp(-bond), most often by the bounds x / (1 + x) <= 1 - exp(-x) <= x."""
    if uniform * (1.0 + bond) < bond:
        return True
    return uniform < bond and uniform < 1.0 - math.exp(-bond)


@njit(parallel=True, cache=True)
def cluster_flips(phi, neighbours, interior, kappa, flips, state, work):
    """`flips` single-cluster flips in every chain, in place.

    Arguments:
        phi: (chains, size) with ghosts, which are neither read nor written.
        neighbours: flat positions of the 2d neighbours, (size, 2d).
        interior: flat position of each site, (V,).
        kappa: hopping parameter, positive.
        flips: clusters for each chain.
        state: generator states, (chains,) uint64, not zero; updated.
        work: (chains,), receives the number of sites flipped.
    """
    volume = interior.size
    for chain in prange(phi.shape[0]):
        stack = np.empty(volume, np.int64)
        field = phi[chain]
        flipped = 0
        for _ in range(flips):
            seed = interior[min(volume - 1, int(_uniform(state, chain) * volume))]
            field[seed] = -field[seed]
            stack[0], top = seed, 1
            while top > 0:
                top -= 1
                site = stack[top]
                flipped += 1
                reach = 4.0 * kappa * field[site]
                for m in range(neighbours.shape[1]):
                    other = neighbours[site, m]
                    bond = -reach * field[other]
                    if bond > 0 and _bonded(_uniform(state, chain), bond):
                        field[other] = -field[other]
                        stack[top] = other
                        top += 1
        work[chain] = flipped
