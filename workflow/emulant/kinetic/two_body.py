"""Kinematics of two particles, momenta as rows (E, p_x, p_y, p_z) in GeV: relative velocity, break-up, exact sums."""

import numpy as np
from numba import njit

from emulant.kinetic.draws import direction

__all__ = ["boosted", "broken_up", "energy", "invariant", "relative_velocity", "scatter"]


@njit(cache=True)
def energy(px, py, pz, mass):
    """Compute the energy on the mass shell."""
    return np.sqrt(px * px + py * py + pz * pz + mass * mass)


@njit(cache=True)
def invariant(one, two):
    """Compute s = (p_1 + p_2)^2, at least zero."""
    e, x, y, z = one[0] + two[0], one[1] + two[1], one[2] + two[2], one[3] + two[3]
    return max(e * e - x * x - y * y - z * z, 0.0)


@njit(cache=True)
def relative_velocity(one, two, mass_one, mass_two):
    """Compute Moller's sqrt((p_1 p_2)^2 - m_1^2 m_2^2) / E_1 E_2, in [0, 2]; 1 - cos theta of massless particles."""
    product = one[0] * two[0] - one[1] * two[1] - one[2] * two[2] - one[3] * two[3]
    square = product * product - (mass_one * mass_two) ** 2
    return np.sqrt(max(square, 0.0)) / (one[0] * two[0])


@njit(cache=True)
def boosted(total, mass, px, py, pz, e):
    """Boost (e, p) from the rest frame of the four-vector `total` of mass `mass` to the frame of `total`."""
    along = total[1] * px + total[2] * py + total[3] * pz
    factor = (e + along / (total[0] + mass)) / mass
    return px + factor * total[1], py + factor * total[2], pz + factor * total[3]


@njit(cache=True)
def broken_up(total, mass, mass_one, mass_two, nx, ny, nz):
    """Compute the momentum of particle 1 of two with these masses, which leaves along n in the rest frame of `total`.

    Particle 2 has what is left of `total`; the sums of momentum are exact, that of energy is to rounding.
    """
    square = (mass * mass - (mass_one + mass_two) ** 2) * (mass * mass - (mass_one - mass_two) ** 2)
    p = np.sqrt(max(square, 0.0)) / (2 * mass)
    return boosted(total, mass, p * nx, p * ny, p * nz, np.sqrt(p * p + mass_one * mass_one))


@njit(cache=True)
def scatter(momentum, mass, i, j, stream):
    """Scatter particles i and j isotropically in their centre of mass; pairs at rest to each other stay as they are."""
    root = np.sqrt(invariant(momentum[i], momentum[j]))
    # Collinear massless pairs have no centre of mass; their relative velocity, and so their rate, is zero.
    if root <= mass[i] + mass[j]:
        return
    total = momentum[i] + momentum[j]
    nx, ny, nz = direction(stream)
    x, y, z = broken_up(total, root, mass[i], mass[j], nx, ny, nz)
    momentum[i, 0], momentum[i, 1], momentum[i, 2], momentum[i, 3] = energy(x, y, z, mass[i]), x, y, z
    x, y, z = total[1] - x, total[2] - y, total[3] - z
    momentum[j, 0], momentum[j, 1], momentum[j, 2], momentum[j, 3] = energy(x, y, z, mass[j]), x, y, z
