"""Local moves of conserved fluxes: k +- 1 around plaquettes and along lines around the torus, by Metropolis steps."""

import numpy as np
from numba import njit, prange

from emulant.randomness.xorshift import uniform

__all__ = ["sweep_loops"]


@njit(parallel=True, cache=True)
def sweep_loops(flux, neutral, occupation, ratio, ahead, tilt, shape, streams):
    """Try every plaquette and every line of each chain once, up or down by chance.

    Arguments:
        flux: k, (chains, d, V) int64; updated.
        neutral: l, (chains, d, V) int64.
        occupation: s_x / 2, (chains, V) int64; updated.
        ratio: W(2j + 2) / W(2j), `site_ratios`.
        ahead: next site in each direction, (d, V).
        tilt: e^mu in the last direction, 1 in others, (d,).
        shape: of the lattice, (d,) int64; sites are numbered in C order.
        streams: states of the generators, (chains,) uint64; updated.

    Returns:
        The accepted part of the moves of each chain, (chains,).
    """
    accepted = np.zeros(flux.shape[0])
    for chain in prange(flux.shape[0]):
        state = streams[chain : chain + 1]
        axes, sites, signs = np.empty((3, max(4, shape.max())), np.int64)
        links, loads = (axes, sites, signs), np.zeros((2, ahead.shape[1]), np.int64)
        parts = (flux[chain], neutral[chain], occupation[chain], loads)
        tried, taken = _plaquettes(links, parts, ratio, ahead, tilt, shape, state)
        more, also = _lines(links, parts, ratio, ahead, tilt, shape, state)
        accepted[chain] = (taken + also) / max(tried + more, 1)
    return accepted


@njit(cache=True)
def _plaquettes(links, parts, ratio, ahead, tilt, shape, state):
    axes, sites, signs = links
    tried, taken = 0, 0
    for a in range(shape.size):
        for b in range(a + 1, shape.size):
            if shape[a] == 1 or shape[b] == 1:
                continue
            for x in range(ahead.shape[1]):
                sign = 1 if uniform(state) < 0.5 else -1
                axes[0], axes[1], axes[2], axes[3] = a, b, a, b
                sites[0], sites[1], sites[2], sites[3] = x, ahead[a, x], ahead[b, x], x
                signs[0], signs[1], signs[2], signs[3] = sign, sign, -sign, -sign
                taken += _attempt(links, 4, parts, ratio, ahead, tilt, uniform(state))
                tried += 1
    return tried, taken


@njit(cache=True)
def _lines(links, parts, ratio, ahead, tilt, shape, state):
    axes, sites, signs = links
    tried, taken, stride = 0, 0, 1
    for axis in range(shape.size - 1, -1, -1):
        for start in range(ahead.shape[1]):
            if (start // stride) % shape[axis] != 0:
                continue
            sign, x = (1 if uniform(state) < 0.5 else -1), start
            for n in range(shape[axis]):
                axes[n], sites[n], signs[n] = axis, x, sign
                x = ahead[axis, x]
            taken += _attempt(links, shape[axis], parts, ratio, ahead, tilt, uniform(state))
            tried += 1
        stride *= shape[axis]
    return tried, taken


@njit(cache=True)
def _attempt(links, count, parts, ratio, ahead, tilt, draw):
    """Change the first `count` links, a closed loop, by their signs, or leave them; returns 1 or 0."""
    (axes, sites, signs), (flux, neutral, occupation, loads) = links, parts
    weight = 1.0
    for n in range(count):
        axis, x = axes[n], sites[n]
        before, pairs = abs(flux[axis, x]), neutral[axis, x]
        after = abs(flux[axis, x] + signs[n])
        weight *= (before + pairs) if after < before else 1.0 / (after + pairs)
        weight *= tilt[axis] if signs[n] > 0 else 1.0 / tilt[axis]
        loads[0, x] += after - before
        loads[0, ahead[axis, x]] += after - before
    for n in range(count):
        weight *= _moved(sites[n], occupation, loads, ratio)
        weight *= _moved(ahead[axes[n], sites[n]], occupation, loads, ratio)
    accepted = draw < weight
    for n in range(count):
        for site in (sites[n], ahead[axes[n], sites[n]]):
            if not accepted:
                occupation[site] -= loads[1, site]
            loads[1, site] = 0
        if accepted:
            flux[axes[n], sites[n]] += signs[n]
    return 1 if accepted else 0


@njit(cache=True)
def _moved(site, occupation, loads, ratio):
    """Put the change of s at a site, once, into its occupation and into the second row; returns its weight."""
    half, level, weight = loads[0, site] // 2, occupation[site], 1.0
    for n in range(half):
        weight *= ratio[min(level + n, ratio.size - 1)]
    for n in range(-half):
        weight /= ratio[min(level - n - 1, ratio.size - 1)]
    occupation[site] += half
    loads[1, site] += half
    loads[0, site] = 0
    return weight
