r"""Kernel of the flux representation: worms move charge, local steps move the neutral numbers.

Every directed bond (x, nu) carries a conserved flux k in Z and a neutral number l >= 0,

.. math:: Z = \sum_{k,l} \prod_{x,\nu} \frac{e^{\mu k \delta_{\nu,d}}}{(|k|+l)!\, l!} \prod_x W(s_x), \qquad
    s_x = \sum_\nu \big[|k_{x,\nu}| + |k_{x-\nu,\nu}| + 2 (l_{x,\nu} + l_{x-\nu,\nu})\big]

(C. Gattringer and T. Kloiber, Nucl. Phys. B 869 (2013) 56 [1206.2954]). All weights are positive at any mu.

A worm (N. Prokof'ev and B. Svistunov, Phys. Rev. Lett. 87 (2001) 160601) samples <phi_head phi^*_tail>: each end
adds one to the s of its site, so s + ends stays even and `occupation` holds half of it. Only closed states are
measured; a chain observed on a subset of its states has the stationary law restricted to that subset.
"""

import numpy as np
from numba import njit, prange

from emulant.randomness.streams import LANES, uniforms

__all__ = ["advance"]

# One call of `uniforms` fills at most this many: each takes two words.
DRAWS = LANES // 2


@njit(cache=True)
def _refill(state, words, draws, position, needed):
    """Draw new uniforms if fewer than `needed` are left; return the position of the next one."""
    if position + needed > draws.size:
        uniforms(state, words, draws)
        return 0
    return position


@njit(cache=True)
def _worm(flux, neutral, occupation, ratio, ahead, behind, tilt, state, words, draws, position, largest):
    """Try to open a worm; if it opens, move it until it closes."""
    volume, directions, size = occupation.size, ahead.shape[0], ratio.size
    scale = 1.0 / ratio[0]
    position = _refill(state, words, draws, position, 2)
    head = min(volume - 1, int(draws[position] * volume))
    opened = draws[position + 1] < scale * ratio[min(occupation[head], size - 1)]
    position += 2
    if not opened:
        return position, largest
    tail = head
    occupation[head] += 1
    while True:
        position = _refill(state, words, draws, position, 2)
        choice = int(draws[position] * (2 * directions + 1))
        accept = draws[position + 1]
        position += 2
        if choice >= 2 * directions:
            if head == tail and accept * scale * ratio[occupation[head] - 1] < 1.0:
                occupation[head] -= 1
                return position, largest
            continue
        axis = choice >> 1
        forward = (choice & 1) == 0
        other = ahead[axis, head] if forward else behind[axis, head]
        bond = head if forward else other
        change = 1 if forward else -1
        charge, pairs = flux[axis, bond], neutral[axis, bond]
        weight = tilt[axis] if forward else 1.0 / tilt[axis]
        if charge * change >= 0:
            level = occupation[other]
            if level >= size:
                largest = level
                continue
            if accept * (abs(charge) + 1 + pairs) < weight * ratio[level]:
                flux[axis, bond] = charge + change
                occupation[other] = level + 1
                largest = max(largest, level)
                head = other
        else:
            level = occupation[head]
            if accept * ratio[level - 1] < weight * (abs(charge) + pairs):
                flux[axis, bond] = charge + change
                occupation[head] = level - 1
                head = other


@njit(cache=True)
def _neutral_sweep(flux, neutral, occupation, ratio, ahead, state, words, draws, position, largest):
    """Try a Metropolis step l -> l +- 1 on every bond."""
    volume, directions, size = occupation.size, ahead.shape[0], ratio.size
    for axis in range(directions):
        for x in range(volume):
            y = ahead[axis, x]
            position = _refill(state, words, draws, position, 1)
            # One uniform number decides twice: its half chooses up or down, the remainder accepts.
            draw = 2.0 * draws[position]
            position += 1
            charge, pairs = abs(flux[axis, x]), neutral[axis, x]
            if draw < 1.0:
                lower, upper = occupation[x], occupation[y] + (1 if x == y else 0)
                if upper >= size:
                    largest = upper
                    continue
                if draw * ((charge + pairs + 1) * (pairs + 1)) < ratio[lower] * ratio[upper]:
                    neutral[axis, x] += 1
                    occupation[x] += 1
                    occupation[y] += 1
                    largest = max(largest, upper)
            elif pairs > 0:
                lower, upper = occupation[x] - 1, occupation[y] - 1 - (1 if x == y else 0)
                if (draw - 1.0) * ratio[lower] * ratio[upper] < (charge + pairs) * pairs:
                    neutral[axis, x] -= 1
                    occupation[x] -= 1
                    occupation[y] -= 1
    return position, largest


@njit(cache=True)
def _measure(flux, occupation, ratio, out):
    """Measure density, |phi|^2 and |phi|^4 of one configuration."""
    charge, squared, fourth = 0, 0.0, 0.0
    volume, last = occupation.size, flux.shape[0] - 1
    for x in range(volume):
        charge += flux[last, x]
        site_ratio = ratio[min(occupation[x], ratio.size - 2)]
        squared += site_ratio
        fourth += site_ratio * ratio[min(occupation[x] + 1, ratio.size - 1)]
    out[0], out[1], out[2] = charge / volume, squared / volume, fourth / volume


@njit(parallel=True, cache=True)
def advance(flux, neutral, occupation, ratio, ahead, behind, tilt, streams, worms, thermalisation, out):
    """Move every chain; a sweep is `worms` worms and a step of every l, then a measurement.

    Arguments:
        flux, neutral: (chains, d, V) int64; updated.
        occupation: (chains, V) int64, s_x / 2; updated.
        ratio: W(2j + 2) / W(2j), `site_ratios`.
        ahead, behind: neighbours of each site, (d, V).
        tilt: e^mu in the last direction, 1 in others, (d,).
        streams: states of the generators, `seeded`; updated.
        worms: number in a sweep.
        thermalisation: sweeps before the first measurement.
        out: (chains, sweeps, 3): density, |phi|^2, |phi|^4.

    Returns:
        The highest level of `ratio` that each chain needed, (chains,); a level equal to the table's size means that
        the table was too small.
    """
    levels = np.zeros(flux.shape[0], np.int64)
    for chain in prange(flux.shape[0]):
        state, words, draws = streams[chain], np.empty(LANES, np.uint32), np.empty(DRAWS)
        position, largest = DRAWS, 0
        charges, pairs, sites = flux[chain], neutral[chain], occupation[chain]
        for sweep in range(-thermalisation, out.shape[1]):
            for _ in range(worms):
                position, largest = _worm(
                    charges, pairs, sites, ratio, ahead, behind, tilt, state, words, draws, position, largest
                )
            position, largest = _neutral_sweep(
                charges, pairs, sites, ratio, ahead, state, words, draws, position, largest
            )
            if sweep >= 0:
                _measure(charges, sites, ratio, out[chain, sweep])
        levels[chain] = largest
    return levels
