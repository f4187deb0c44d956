"""Stochastic 2 -> 2 collisions in cells, an exact simulation of the Boltzmann equation's jumps within each cell.

Every pair of a cell of volume V collides at the rate sigma v_rel / V, v_rel <= 2. Candidates come as a Poisson process
at the rate of v_rel = 2, m (m - 1) sigma / V, of a random pair each, and v_rel / 2 of them collide (null collisions,
K. Koura, Phys. Fluids 29 (1986) 3509). No probability has to be small, unlike where every pair is tried once a step
(Z. Xu, C. Greiner, Phys. Rev. C 71 (2005) 064901).
"""

import numpy as np
from numba import njit

from emulant.kinetic.draws import uniform
from emulant.kinetic.two_body import relative_velocity, scatter

__all__ = ["cells_of", "collide", "collide_in_cell"]


@njit(cache=True)
def collide_in_cell(momentum, mass, members, exposure, stream):
    """Let the particles `members` of one cell collide during a step; returns the number of collisions.

    Arguments:
        momentum: (N, 4), updated.
        mass: (N,).
        members: indices of the particles in the cell.
        exposure: sigma dt / V, the mean number of collisions of a pair with v_rel = 1.
        stream: random numbers.
    """
    count, collisions = members.size, 0
    if count < 2 or exposure == 0:
        return 0
    rate = count * (count - 1) * exposure
    time = -np.log(1 - uniform(stream)) / rate
    while time < 1:
        first = int(uniform(stream) * count)
        second = (first + 1 + int(uniform(stream) * (count - 1))) % count
        i, j = members[first], members[second]
        if 2 * uniform(stream) < relative_velocity(momentum[i], momentum[j], mass[i], mass[j]):
            scatter(momentum, mass, i, j, stream)
            collisions += 1
        time -= np.log(1 - uniform(stream)) / rate
    return collisions


@njit(cache=True)
def cells_of(position, size, stream):
    """Sort particles into square cells of edge `size` on a grid with a random origin.

    Returns:
        indices of the particles cell by cell, and where in them each cell begins, (cells + 1,).
    """
    count = len(position)
    x0 = position[:, 0].min() - size * uniform(stream)
    y0 = position[:, 1].min() - size * uniform(stream)
    rows = int((position[:, 1].max() - y0) / size) + 1
    columns = int((position[:, 0].max() - x0) / size) + 1
    cell, starts = np.empty(count, np.int64), np.zeros(rows * columns + 1, np.int64)
    for i in range(count):
        cell[i] = int((position[i, 0] - x0) / size) * rows + int((position[i, 1] - y0) / size)
        starts[cell[i] + 1] += 1
    starts = np.cumsum(starts)
    order, free = np.empty(count, np.int64), starts[:-1].copy()
    for i in range(count):
        order[free[cell[i]]] = i
        free[cell[i]] += 1
    return order, starts


@njit(cache=True)
def collide(position, momentum, mass, size, exposure, stream):
    """Let particles collide in square cells during a step.

    Arguments:
        position: (N, 2) in fm.
        momentum: (N, 4), updated.
        mass: (N,).
        size: edge of a cell in fm.
        exposure: sigma dt / V of a cell.
        stream: random numbers.

    Returns:
        the number of collisions, and the most that a particle may expect in this step, 2 (m - 1) sigma dt / V.
    """
    order, starts = cells_of(position, size, stream)
    collisions, fullest = 0, 0
    for cell in range(starts.size - 1):
        members = order[starts[cell] : starts[cell + 1]]
        fullest = max(fullest, members.size)
        collisions += collide_in_cell(momentum, mass, members, exposure, stream)
    return collisions, 2 * (fullest - 1) * exposure
