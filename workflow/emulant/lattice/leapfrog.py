"""Hybrid Monte Carlo kernels: one lattice with a layer of ghost sites, flat loops that vectorise.

A lattice of shape (L1, ..., Ld) lives in a flat array over (L1+2, ..., Ld+2). Ghost sites repeat the opposite
face; the force is computed over the whole flat range, so that the inner loop has no index arithmetic.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit, prange

__all__ = ["Geometry", "trajectories"]


@dataclass(frozen=True)
class Geometry:
    """Index tables of a periodic lattice with ghosts.

    Attributes:
        shape: lattice shape.
        interior: flat positions of the sites, in C order, (V,).
        ghosts, sources: flat positions of the ghosts that a force needs, and of the sites they repeat.
        strides: flat distance to the next neighbour in each direction, (d,).
        size: of the flat array.
    """

    shape: tuple[int, ...]
    interior: np.ndarray
    ghosts: np.ndarray
    sources: np.ndarray
    strides: np.ndarray
    size: int

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> "Geometry":
        """Tables for `shape`."""
        padded = tuple(length + 2 for length in shape)
        positions = np.arange(math.prod(padded)).reshape(padded)
        inner = tuple(slice(1, -1) for _ in shape)
        ghosts, sources = [], []
        for axis in range(len(shape)):
            for ghost, source in ((0, -2), (-1, 1)):
                here, there = list(inner), list(inner)
                here[axis], there[axis] = ghost, source
                ghosts.append(positions[tuple(here)].ravel())
                sources.append(positions[tuple(there)].ravel())
        strides = np.array([math.prod(padded[axis + 1 :]) for axis in range(len(shape))])
        interior = positions[inner].ravel()
        return cls(
            tuple(shape), interior, np.concatenate(ghosts), np.concatenate(sources), strides, positions.size
        )


@njit(fastmath=True, cache=True)
def _fill_ghosts(phi, ghosts, sources):
    for i in range(ghosts.size):
        phi[ghosts[i]] = phi[sources[i]]


@njit(fastmath=True, cache=True)
def _kick(phi, pi, step, two_kappa, linear, cubic, strides, first, last):
    """Pi -= step dS/dphi over the flat range; the two-dimensional loop is the hot one."""
    if strides.size == 2:
        row = strides[0]
        for i in range(first, last):
            p = phi[i]
            near = phi[i - 1] + phi[i + 1] + phi[i - row] + phi[i + row]
            pi[i] += step * (two_kappa * near - p * (linear + cubic * p * p))
    else:
        for i in range(first, last):
            p = phi[i]
            pi[i] -= step * p * (linear + cubic * p * p)
        for axis in range(strides.size):
            hop = strides[axis]
            for i in range(first, last):
                pi[i] += step * two_kappa * (phi[i - hop] + phi[i + hop])


@njit(fastmath=True, cache=True)
def _energy(phi, pi, kappa, coupling, strides, interior):
    """S + pi^2/2 in double precision."""
    total = 0.0
    for j in range(interior.size):
        i = interior[j]
        p, q = np.float64(phi[i]), np.float64(pi[i])
        near = 0.0
        for axis in range(strides.size):
            near += np.float64(phi[i + strides[axis]])
        square = p * p
        total += (
            -2 * kappa * p * near + (1 - 2 * coupling) * square + coupling * square * square + 0.5 * q * q
        )
    return total


@njit(fastmath=True, parallel=True, cache=True)
def trajectories(
    phi, momenta, uniforms, steps, sizes, kappa, coupling, strides, interior, ghosts, sources, accepted
):
    """One trajectory of every chain, in place: phi (chains, size), momenta (chains, V), uniforms and sizes (chains,).

    `accepted` (chains,) receives 1 or 0. Each chain uses only its own numbers: threads do not change results.
    """
    real = phi.dtype.type
    two_kappa, linear, cubic = real(2 * kappa), real(2 * (1 - 2 * coupling)), real(4 * coupling)
    first, last = interior[0], interior[-1] + 1
    for chain in prange(phi.shape[0]):
        field, old = phi[chain], phi[chain].copy()
        pi = np.zeros(field.size, field.dtype)
        for j in range(interior.size):
            pi[interior[j]] = momenta[chain, j]
        step, half = real(sizes[chain]), real(0.5 * sizes[chain])
        _fill_ghosts(field, ghosts, sources)
        before = _energy(field, pi, kappa, coupling, strides, interior)
        _kick(field, pi, half, two_kappa, linear, cubic, strides, first, last)
        for n in range(steps):
            for i in range(first, last):
                field[i] += step * pi[i]
            _fill_ghosts(field, ghosts, sources)
            _kick(field, pi, step if n < steps - 1 else half, two_kappa, linear, cubic, strides, first, last)
        after = _energy(field, pi, kappa, coupling, strides, interior)
        if uniforms[chain] < math.exp(min(0.0, before - after)):
            accepted[chain] = 1
        else:
            accepted[chain] = 0
            field[:] = old
