r"""Hybrid Monte Carlo kernels: symplectic integration of many chains in flat loops that vectorise.

The integrator is the symmetric, reversible composition of position and momentum updates

.. math:: e^{\xi\epsilon T} e^{\epsilon V/2} e^{(1-2\xi)\epsilon T} e^{\epsilon V/2} e^{\xi\epsilon T}

(I. P. Omelyan, I. M. Mryglod and R. Folk, Comput. Phys. Commun. 151 (2003) 272; xi = 0.1931833 minimises its
error). xi = 1/4 is the leapfrog of half the step. Fields may be float32; energies are double.
"""

import math

import numpy as np
from numba import njit, prange

__all__ = ["averages", "trajectories"]

FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(fastmath=FAST, cache=True)
def _fill_ghosts(field, rows, length, faces):
    for n in range(rows.size):
        start = rows[n]
        field[start - 1] = field[start + length - 1]
        field[start + length] = field[start]
    for n in range(faces.shape[0]):
        ghost, source = faces[n]
        for i in range(length):
            field[ghost + i] = field[source + i]


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
    """Momentum -= kick dS/dphi, then moved = field + drift momentum; two dimensions in a single pass."""
    here, there, p = field[first:last], moved[first:last], momentum[first:last]
    if strides.size == 2:
        row = strides[0]
        left, right = field[first - 1 : last - 1], field[first + 1 : last + 1]
        up, down = field[first - row : last - row], field[first + row : last + row]
        for i in range(last - first):
            phi = here[i]
            force = twice_kappa * (left[i] + right[i] + up[i] + down[i]) - phi * (mass + quartic * phi * phi)
            q = p[i] + kick * force
            p[i] = q
            there[i] = phi + drift * q
    else:
        _neighbour_sum(field, strides, first, last, near)
        for i in range(last - first):
            phi = here[i]
            q = p[i] + kick * (twice_kappa * near[i] - phi * (mass + quartic * phi * phi))
            p[i] = q
            there[i] = phi + drift * q


@njit(fastmath=FAST, cache=True)
def _sums(field, strides, rows, length):
    """Sums over sites of phi, phi^2, phi^4 and of phi times its forward neighbours; ghosts must be filled."""
    one, two, four, hopping = 0.0, 0.0, 0.0, 0.0
    for n in range(rows.size):
        start = rows[n]
        here = field[start : start + length]
        for i in range(length):
            phi = np.float64(here[i])
            one += phi
            two += phi * phi
            four += phi * phi * phi * phi
        for axis in range(strides.size):
            ahead = field[start + strides[axis] : start + strides[axis] + length]
            for i in range(length):
                hopping += np.float64(here[i]) * np.float64(ahead[i])
    return one, two, four, hopping


@njit(fastmath=FAST, cache=True)
def _kinetic(momentum, rows, length):
    total = 0.0
    for n in range(rows.size):
        row = momentum[rows[n] : rows[n] + length]
        for i in range(length):
            total += 0.5 * np.float64(row[i]) * np.float64(row[i])
    return total


@njit(fastmath=FAST, cache=True)
def _energy(field, momentum, kappa, coupling, strides, rows, length):
    _, two, four, hopping = _sums(field, strides, rows, length)
    kinetic = _kinetic(momentum, rows, length)
    return kinetic - 2 * kappa * hopping + (1 - 2 * coupling) * two + coupling * four


@njit(parallel=True, fastmath=FAST, cache=True)
def trajectories(
    phi, momenta, uniforms, sizes, steps, xi, kappa, coupling, strides, rows, length, faces, accepted
):
    """One trajectory of every chain, in place; each uses only its own numbers, so threads do not change results.

    Arguments:
        phi: (chains, size), flat fields with ghosts.
        momenta: (chains, V).
        uniforms: (chains,), for the Metropolis step; a trajectory that diverges to NaN is rejected.
        sizes: (chains,), advance of time with each force.
        steps: force evaluations, even.
        xi: of the integrator.
        kappa, coupling: of the action.
        strides, rows, length, faces: of the geometry; length is that of a row.
        accepted: (chains,), receives 1 or 0.
    """
    real = phi.dtype.type
    twice_kappa, mass, quartic = real(2 * kappa), real(2 * (1 - 2 * coupling)), real(4 * coupling)
    first, last = rows[0], rows[-1] + length
    for chain in prange(phi.shape[0]):
        field = phi[chain].copy()
        spare, p, near = np.zeros_like(field), np.zeros_like(field), np.empty_like(field)
        for n in range(rows.size):
            p[rows[n] : rows[n] + length] = momenta[chain, n * length : (n + 1) * length]
        _fill_ghosts(field, rows, length, faces)
        before = _energy(field, p, kappa, coupling, strides, rows, length)
        kick, outer = real(sizes[chain]), real(2 * xi * sizes[chain])
        between, inner = real(4 * xi * sizes[chain]), real((2 - 4 * xi) * sizes[chain])
        _drift(field, p, outer)
        for step in range(steps):
            drift = inner if step % 2 == 0 else (between if step < steps - 1 else outer)
            _fill_ghosts(field, rows, length, faces)
            _kick_and_drift(
                field, spare, p, near, strides, first, last, kick, drift, twice_kappa, mass, quartic
            )
            field, spare = spare, field
        _fill_ghosts(field, rows, length, faces)
        after = _energy(field, p, kappa, coupling, strides, rows, length)
        accepted[chain] = 0
        if uniforms[chain] < math.exp(before - after):
            accepted[chain] = 1
            phi[chain] = field


@njit(parallel=True, fastmath=FAST, cache=True)
def averages(phi, kappa, coupling, strides, rows, length, faces, magnetisation, identity):
    """M and phi dS/dphi per site of every chain, each (chains,)."""
    volume = rows.size * length
    for chain in prange(phi.shape[0]):
        _fill_ghosts(phi[chain], rows, length, faces)
        one, two, four, hopping = _sums(phi[chain], strides, rows, length)
        magnetisation[chain] = one / volume
        total = 2 * (1 - 2 * coupling) * two + 4 * coupling * four - 4 * kappa * hopping
        identity[chain] = total / volume
