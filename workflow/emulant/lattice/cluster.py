"""Embedded single-cluster (Wolff) updates, which flip whole domains of a sign; Hybrid Monte Carlo does so rarely.

A bond between neighbours of equal sign is set with probability 1 - exp(-4 kappa phi_x phi_y) (R. C. Brower and
P. Tamayo, Phys. Rev. Lett. 62 (1989) 1087, in the hopping form of the action; U. Wolff, ibid. 361).
"""

import math

from numba import njit

from emulant.randomness.xorshift import uniform

__all__ = ["bonded", "cluster_flips"]


@njit(cache=True)
def bonded(drawn, bond):
    """Return whether drawn < 1 - exp(-bond); the bounds x / (1 + x) <= 1 - exp(-x) <= x mostly avoid the exponential."""
    if drawn * (1.0 + bond) < bond:
        return True
    return drawn < bond and drawn < 1.0 - math.exp(-bond)


@njit(cache=True)
def cluster_flips(field, neighbours, interior, kappa, flips, state, stack):
    """Flip `flips` single clusters of one chain in place; return the number of flipped sites.

    Arguments:
        field: flat field with ghost sites, (size,); the ghosts are neither read nor written.
        neighbours: flat positions of the 2d neighbours, (size, 2d).
        interior: flat position of each site, (V,).
        kappa: hopping parameter, positive.
        flips: number of clusters.
        state: state of the generator, (1,) uint64, not zero; updated.
        stack: scratch space, (V,) int64.
    """
    volume, flipped = interior.size, 0
    for _ in range(flips):
        seed = interior[min(volume - 1, int(uniform(state) * volume))]
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
                if bond > 0 and bonded(uniform(state), bond):
                    field[other] = -field[other]
                    stack[top] = other
                    top += 1
    return flipped
