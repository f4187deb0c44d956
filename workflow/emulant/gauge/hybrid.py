"""Kernels of Hybrid Monte Carlo for the actions of `gauge.wilson`, and of the shift of the topological charge."""

import math

import numpy as np
from numba import njit, prange

from emulant.randomness.streams import LANES, normals, padded_count, uniforms

__all__ = ["advance", "draw_charges"]

TURN = 2 * math.pi


@njit(cache=True)
def _sums(links, sums):
    """Fill the sums of links about each plaquette."""
    times, spaces = sums.shape
    for t in range(times):
        later = t + 1 if t + 1 < times else 0
        for s in range(spaces):
            right = s + 1 if s + 1 < spaces else 0
            sums[t, s] = links[0, t, s] + links[1, later, s] - links[0, t, right] - links[1, t, s]


@njit(cache=True)
def _loops(sums):
    """Add the cosines and the sines of all loops of two plaquettes."""
    times, spaces = sums.shape
    cosines, sines = 0.0, 0.0
    for t in range(times):
        later = t + 1 if t + 1 < times else 0
        for s in range(spaces):
            right = s + 1 if s + 1 < spaces else 0
            for loop in (sums[t, s] + sums[later, s], sums[t, s] + sums[t, right]):
                cosines += math.cos(loop)
                sines += math.sin(loop)
    return cosines, sines


@njit(cache=True)
def _energy(links, sums, beta, rectangle):
    """Compute S; `sums` is scratch."""
    _sums(links, sums)
    total = 0.0
    for angle in sums.flat:
        total += math.cos(angle)
    energy = -beta * total
    return energy - rectangle * _loops(sums)[0] if rectangle != 0.0 else energy


@njit(cache=True)
def _slopes(sums, beta, rectangle):
    """Turn plaquettes into the derivatives of S by them."""
    times, spaces = sums.shape
    if rectangle == 0.0:
        for t in range(times):
            for s in range(spaces):
                sums[t, s] = beta * math.sin(sums[t, s])
        return
    angles = sums.copy()
    for t in range(times):
        later = t + 1 if t + 1 < times else 0
        for s in range(spaces):
            right = s + 1 if s + 1 < spaces else 0
            here = angles[t, s]
            slope = math.sin(here + angles[later, s]) + math.sin(here + angles[t, right])
            slope += math.sin(here + angles[t - 1, s]) + math.sin(here + angles[t, s - 1])
            sums[t, s] = beta * math.sin(here) + rectangle * slope


@njit(cache=True)
def _kick(links, momenta, sums, time, beta, rectangle):
    """Add `time` times minus the gradient of S to the momenta; `sums` is scratch."""
    _sums(links, sums)
    _slopes(sums, time * beta, time * rectangle)
    times, spaces = sums.shape
    for t in range(times):
        for s in range(spaces):
            momenta[0, t, s] -= sums[t, s] - sums[t, s - 1]
            momenta[1, t, s] -= sums[t - 1, s] - sums[t, s]


@njit(cache=True)
def _drift(links, momenta, time):
    """Move the links."""
    moved, speed = links.ravel(), momenta.ravel()
    for i in range(moved.size):
        moved[i] += time * speed[i]


@njit(cache=True)
def _wrap(links):
    """Bring links into [-pi, pi)."""
    angles = links.ravel()
    for i in range(angles.size):
        angles[i] -= TURN * math.floor((angles[i] + math.pi) / TURN)
        if angles[i] >= math.pi:
            angles[i] -= TURN


@njit(cache=True)
def _trajectory(links, momenta, sums, coin, time, steps, xi, beta, rectangle):
    """Try one trajectory of an even number of forces; returns whether it was accepted."""
    start, before = links.copy(), 0.5 * (momenta * momenta).sum() + _energy(links, sums, beta, rectangle)
    _drift(links, momenta, 2 * xi * time)
    for force in range(steps):
        _kick(links, momenta, sums, time, beta, rectangle)
        inner = (2 - 4 * xi) if force % 2 == 0 else (2 * xi if force == steps - 1 else 4 * xi)
        _drift(links, momenta, inner * time)
    after = 0.5 * (momenta * momenta).sum() + _energy(links, sums, beta, rectangle)
    if coin < math.exp(min(0.0, before - after)):
        _wrap(links)
        return True
    links[:] = start
    return False


@njit(cache=True)
def _shifted(links, sums, sign, coin, beta, rectangle):
    """Try to add 2 pi sign / V to every plaquette, a move of unit Jacobian; returns whether it did.

    Q changes by sign unless a plaquette crosses pi.
    """
    _sums(links, sums)
    times, spaces = sums.shape
    step = TURN * sign / (times * spaces)
    cosines, sines = 0.0, 0.0
    for angle in sums.flat:
        cosines += math.cos(angle)
        sines += math.sin(angle)
    change = -beta * ((math.cos(step) - 1) * cosines - math.sin(step) * sines)
    if rectangle != 0.0:
        cosines, sines = _loops(sums)
        change -= rectangle * ((math.cos(2 * step) - 1) * cosines - math.sin(2 * step) * sines)
    if coin >= math.exp(min(0.0, -change)):
        return False
    _shift(links, step)
    return True


@njit(cache=True)
def _shift(links, step):
    """Add `step` to every plaquette, a multiple of 2 pi / V."""
    _, times, spaces = links.shape
    for t in range(times):
        for s in range(spaces):
            links[0, t, s] -= step * s
        links[1, t, spaces - 1] += step * spaces * t
    _wrap(links)


@njit(parallel=True, cache=True)
def advance(links, streams, count, steps, step_size, jitter, xi, shift, beta, rectangle, accepted, shifts):
    """Make `count` trajectories of each chain, each with a shift of the charge by +-1 where `shift` says so.

    Arguments:
        links: (chains, 2, L_t, L_s) float64; updated.
        streams: states of the generators, `seeded`; updated.
        steps: forces of a trajectory, even.
        step_size: mean advance of time with each.
        jitter: relative half-width of its uniform distribution.
        xi: of the integrator.
        beta, rectangle: of the action.
        accepted, shifts: (chains,), how many trajectories and shifts were accepted; added to.
    """
    size = links[0].size
    needed = padded_count(size)
    for chain in prange(links.shape[0]):
        words, drawn, uniform = np.empty(needed, np.uint32), np.empty(needed, np.float32), np.empty(4)
        sums = np.empty(links.shape[2:])
        spare = np.empty(LANES, np.uint32)
        for _ in range(count):
            normals(streams[chain], words, drawn)
            uniforms(streams[chain], spare, uniform)
            momenta = drawn[:size].astype(np.float64).reshape(links[chain].shape)
            time = step_size * (1 + jitter * (2 * uniform[1] - 1))
            accepted[chain] += _trajectory(
                links[chain], momenta, sums, uniform[0], time, steps, xi, beta, rectangle
            )
            if shift:
                sign = 1.0 if uniform[2] < 0.5 else -1.0
                shifts[chain] += _shifted(links[chain], sums, sign, uniform[3], beta, rectangle)


@njit(parallel=True, cache=True)
def draw_charges(links, coins, beta):
    """Draw each configuration of the Wilson action anew from all V that it is shifted to by multiples of 2 pi / V.

    These are a group, of which e^(-S) is known in closed form: a heat bath of Q, unless plaquettes cross pi.

    Arguments:
        links: (N, 2, L_t, L_s) float64; updated.
        coins: uniform in [0, 1), (N,).
        beta: of the action.
    """
    for i in prange(links.shape[0]):
        sums = np.empty(links.shape[2:])
        _sums(links[i], sums)
        cosines, sines = 0.0, 0.0
        for angle in sums.flat:
            cosines += math.cos(angle)
            sines += math.sin(angle)
        step = TURN / sums.size
        # Of S at each shift, relative to the least that any angle could give.
        weights, largest = np.empty(sums.size), math.hypot(cosines, sines)
        for shift in range(sums.size):
            energy = cosines * math.cos(step * shift) - sines * math.sin(step * shift)
            weights[shift] = math.exp(abs(beta) * (math.copysign(1.0, beta) * energy - largest))
        cumulative = np.cumsum(weights)
        _shift(links[i], step * min(np.searchsorted(cumulative, coins[i] * cumulative[-1]), sums.size - 1))
