r"""Hybrid Monte Carlo of one chain: symplectic integration in vectorisable loops, and the Metropolis step.

The integrator is the symmetric, reversible composition of position and momentum updates

.. math:: e^{\xi\epsilon T} e^{\epsilon V/2} e^{(1-2\xi)\epsilon T} e^{\epsilon V/2} e^{\xi\epsilon T}

(I. P. Omelyan, I. M. Mryglod and R. Folk, Comput. Phys. Commun. 151 (2003) 272; xi = 0.1931833 minimises its
error). xi = 1/4 is the leapfrog with half the step. Fields may be float32; energies are double.

In all functions `field` and `momentum` are flat arrays with ghost sites, and `strides`, `rows`, `length` (of a row) and
`faces` are the tables of `geometry.Geometry`.
"""

import math

import numpy as np
from numba import njit

__all__ = ["integrate", "means", "trajectory"]

FAST = {"reassoc", "contract", "nsz", "arcp"}
"""Floating-point transformations that let loops vectorise; NaN and infinity stay valid, as a diverged trajectory needs."""


@njit(fastmath=FAST, cache=True)
def _fill_ghosts(field, strides, rows, length, faces):
    if strides.size == 2:
        box = field.reshape((rows.size + 2, length + 2))
        for n in range(1, rows.size + 1):
            row = box[n]
            row[0], row[length + 1] = row[length], row[1]
        box[0], box[rows.size + 1] = box[rows.size], box[1]
    else:
        for n in range(rows.size):
            start = rows[n]
            field[start - 1] = field[start + length - 1]
            field[start + length] = field[start]
        for n in range(faces.shape[0]):
            ghost, source = faces[n]
            field[ghost : ghost + length] = field[source : source + length]


@njit(fastmath=FAST, cache=True)
def _drift(field, momentum, time):
    for i in range(field.size):
        field[i] += time * momentum[i]


@njit(fastmath=FAST, cache=True)
def _neighbour_sum(field, strides, first, last, out):
    for axis in range(strides.size):
        hop = strides[axis]
        ahead, behind = field[first + hop : last + hop], field[first - hop : last - hop]
        if axis == 0:
            for i in range(last - first):
                out[i] = ahead[i] + behind[i]
        else:
            for i in range(last - first):
                out[i] += ahead[i] + behind[i]


@njit(fastmath=FAST, cache=True)
def _kick_and_drift(
    field, moved, momentum, near, strides, first, last, kick, drift, twice_kappa, mass, quartic
):
    """Update momentum -= kick dS/dphi, then moved = field + drift momentum; in two dimensions in a single pass."""
    phi_in, phi_out, p = field[first:last], moved[first:last], momentum[first:last]
    if strides.size == 2:
        row = strides[0]
        left, right = field[first - 1 : last - 1], field[first + 1 : last + 1]
        up, down = field[first - row : last - row], field[first + row : last + row]
        for i in range(last - first):
            phi = phi_in[i]
            force = twice_kappa * (left[i] + right[i] + up[i] + down[i]) - phi * (mass + quartic * phi * phi)
            q = p[i] + kick * force
            p[i] = q
            phi_out[i] = phi + drift * q
    else:
        _neighbour_sum(field, strides, first, last, near)
        for i in range(last - first):
            phi = phi_in[i]
            q = p[i] + kick * (twice_kappa * near[i] - phi * (mass + quartic * phi * phi))
            p[i] = q
            phi_out[i] = phi + drift * q


@njit(fastmath=FAST, cache=True)
def integrate(field, momentum, scratch, size, steps, xi, kappa, coupling, strides, rows, length, faces):
    """Integrate the equations of motion of `field` and `momentum` in place.

    Arguments:
        field, momentum: flat arrays, (size,); ghosts of the field need not be filled.
        scratch: (2, size), of the same type.
        size: advance of time per force evaluation.
        steps: force evaluations; even, so that the result ends in the array `field` and not in `scratch`.
        xi: parameter of the integrator.
    """
    real = field.dtype.type
    twice_kappa, mass, quartic = real(2 * kappa), real(2 * (1 - 2 * coupling)), real(4 * coupling)
    kick, outer, between, inner = (
        real(size),
        real(2 * xi * size),
        real(4 * xi * size),
        real((2 - 4 * xi) * size),
    )
    first, last = rows[0], rows[-1] + length
    spare, near = scratch[0], scratch[1]
    _drift(field, momentum, outer)
    for step in range(steps):
        drift = inner if step % 2 == 0 else (between if step < steps - 1 else outer)
        _fill_ghosts(field, strides, rows, length, faces)
        _kick_and_drift(
            field, spare, momentum, near, strides, first, last, kick, drift, twice_kappa, mass, quartic
        )
        field, spare = spare, field


@njit(fastmath=FAST, cache=True)
def _potential(field, kappa, coupling, strides, rows, length):
    """Compute the action, each bond counted once; ghosts must be filled."""
    square, hopping = 1 - 2 * coupling, 2 * kappa
    total = 0.0
    for n in range(rows.size):
        start = rows[n]
        row = field[start : start + length]
        for axis in range(strides.size):
            ahead = field[start + strides[axis] : start + strides[axis] + length]
            if axis == 0:
                for i in range(length):
                    phi = np.float64(row[i])
                    total += phi * (phi * (square + coupling * phi * phi) - hopping * np.float64(ahead[i]))
            else:
                for i in range(length):
                    total -= hopping * np.float64(row[i]) * np.float64(ahead[i])
    return total


@njit(fastmath=FAST, cache=True)
def _kinetic(momentum, rows, length):
    total = 0.0
    for n in range(rows.size):
        row = momentum[rows[n] : rows[n] + length]
        for i in range(length):
            total += 0.5 * np.float64(row[i]) * np.float64(row[i])
    return total


@njit(fastmath=FAST, cache=True)
def _energy(field, momentum, columns, kappa, coupling, strides, rows, length):
    """Compute kinetic energy and action; in two dimensions in a single pass.

    Arguments:
        columns: (>= length,) float64, scratch: sums of columns, so that short rows need no sum of their own.
    """
    if strides.size != 2:
        return _kinetic(momentum, rows, length) + _potential(field, kappa, coupling, strides, rows, length)
    square, hopping, hop = 1 - 2 * coupling, 2 * kappa, strides[0]
    for i in range(length):
        columns[i] = 0.0
    for n in range(rows.size):
        first, last = rows[n], rows[n] + length
        row, p_row = field[first:last], momentum[first:last]
        right, below = field[first + 1 : last + 1], field[first + hop : last + hop]
        for i in range(length):
            phi, p = np.float64(row[i]), np.float64(p_row[i])
            ahead = np.float64(right[i]) + np.float64(below[i])
            columns[i] += 0.5 * p * p + phi * (phi * (square + coupling * phi * phi) - hopping * ahead)
    total = 0.0
    for i in range(length):
        total += columns[i]
    return total


@njit(fastmath=FAST, cache=True)
def _refresh(momentum, normals, rows, length):
    """Set the momenta of the sites to `normals`; ghosts have none."""
    for i in range(momentum.size):
        momentum[i] = 0
    for n in range(rows.size):
        row, drawn = momentum[rows[n] : rows[n] + length], normals[n * length : (n + 1) * length]
        for i in range(length):
            row[i] = drawn[i]


@njit(cache=True)
def _copy(source, target):
    for i in range(source.size):
        target[i] = source[i]


@njit(fastmath=FAST, cache=True)
def trajectory(
    field, normals, scratch, uniform, size, steps, xi, kappa, coupling, strides, rows, length, faces
):
    """Run one trajectory with its Metropolis step in place; return 1 if it is accepted, else 0.

    Arguments:
        field: flat field, (size,).
        normals: standard normal variables for the momenta, (>= V,).
        scratch: (4, size), of the type of `field`.
        uniform: random number in [0, 1) of the Metropolis step; a trajectory that diverges to NaN is rejected.
        size, steps, xi: as in `integrate`.
    """
    initial, momentum = scratch[2], scratch[3]
    columns = np.empty(length)
    _refresh(momentum, normals, rows, length)
    _fill_ghosts(field, strides, rows, length, faces)
    _copy(field, initial)
    before = _energy(field, momentum, columns, kappa, coupling, strides, rows, length)
    integrate(field, momentum, scratch[:2], size, steps, xi, kappa, coupling, strides, rows, length, faces)
    _fill_ghosts(field, strides, rows, length, faces)
    after = _energy(field, momentum, columns, kappa, coupling, strides, rows, length)
    if uniform < math.exp(before - after):
        return 1
    _copy(initial, field)
    return 0


@njit(fastmath=FAST, cache=True)
def means(field, kappa, coupling, strides, rows, length, faces):
    """Compute M and phi dS/dphi per site."""
    _fill_ghosts(field, strides, rows, length, faces)
    volume = rows.size * length
    sum_phi, sum_phi4 = 0.0, 0.0
    for n in range(rows.size):
        row = field[rows[n] : rows[n] + length]
        for i in range(length):
            phi = np.float64(row[i])
            sum_phi += phi
            sum_phi4 += phi * phi * phi * phi
    action = _potential(field, kappa, coupling, strides, rows, length)
    return sum_phi / volume, (2 * action + 2 * coupling * sum_phi4) / volume
