r"""Kernel of complex Langevin: walkers side by side in vector lanes, each with its own adaptive step.

phi and phi^* become independent complex fields phi and psi,

.. math:: d\phi = -\frac{\partial S}{\partial \psi} dt + (dw_1 + i\, dw_2), \qquad
    d\psi = -\frac{\partial S}{\partial \phi} dt + (dw_1 - i\, dw_2),

with real noise of variance dt, the same as unit noise on phi_1 and phi_2. A step is Heun's, of weak order 2 for
additive noise, with the size h = step min(1, K_ref / max_x |K_x|) (G. Aarts, F. James, E. Seiler and I.-O. Stamatescu,
Phys. Lett. B 687 (2010) 154 [0912.0617]). Time integrals use the trapezoidal rule: with a step that depends on the
field, left end points alone would leave an error of order h.

A site of a block is one row of 4 WIDTH numbers: Re phi, Im phi, Re psi, Im psi of WIDTH walkers, so the speed does not
depend on the lattice shape.
"""

import numpy as np
from numba import njit, prange

from emulant.randomness.streams import normals, padded_count

__all__ = ["BINS", "BIN_OFFSET", "BIN_SHARE", "RUNAWAY", "WIDTH", "advance"]

# Walkers of a block: two vector registers of 512 bits in float64.
WIDTH = 16
# Drift of a walker that has diverged: far beyond any in equilibrium, and its powers do not overflow.
RUNAWAY = 1e12
# Eight bins for a factor of two, from a drift of 2^-16 to 2^48, beyond RUNAWAY.
BINS, BIN_SHARE, BIN_OFFSET = 512, 8, 128
# Without "nnan" and "ninf": comparisons must see infinities and NaN of runaways.
FAST = {"reassoc", "contract", "nsz", "arcp"}
# Where Re psi and Im psi begin in a row, and its length.
W2, W3, W4 = 2 * WIDTH, 3 * WIDTH, 4 * WIDTH


@njit(fastmath=FAST, cache=True)
def _hop(out, field, x, y, z, forward, backward):
    """Add to out[x] the hopping terms of one direction with next site y and previous z; psi has the weights exchanged."""
    for i in range(W2):
        out[x, i] += forward * field[y, i] + backward * field[z, i]
    for i in range(W2, W4):
        out[x, i] += backward * field[y, i] + forward * field[z, i]


@njit(fastmath=FAST, cache=True)
def _local(out, field, x, largest, eta, twice_coupling):
    """Subtract the local force from out[x] and update largest = max(largest, |K_x|^2)."""
    for i in range(WIDTH):
        a, b, c, d = field[x, i], field[x, WIDTH + i], field[x, W2 + i], field[x, W3 + i]
        real = eta + twice_coupling * (a * c - b * d)
        imaginary = twice_coupling * (a * d + b * c)
        p = out[x, i] - (real * a - imaginary * b)
        q = out[x, WIDTH + i] - (real * b + imaginary * a)
        r = out[x, W2 + i] - (real * c - imaginary * d)
        s = out[x, W3 + i] - (real * d + imaginary * c)
        out[x, i], out[x, WIDTH + i], out[x, W2 + i], out[x, W3 + i] = p, q, r, s
        size = p * p + q * q + r * r + s * s
        # In this order of the comparison a NaN in `size` stays.
        largest[i] = largest[i] if largest[i] >= size else size


@njit(fastmath=FAST, cache=True)
def _drift(field, out, largest, ahead, behind, forward, backward, eta, twice_coupling):
    """Compute the drift of every site and the largest |K_x|^2 of each walker."""
    largest[:] = 0
    for x in range(field.shape[0]):
        for i in range(W4):
            out[x, i] = 0.0
        for axis in range(ahead.shape[0]):
            _hop(out, field, x, ahead[axis, x], behind[axis, x], forward[axis], backward[axis])
        _local(out, field, x, largest, eta, twice_coupling)


@njit(fastmath=FAST, cache=True)
def _observe(field, ahead, behind, forward, backward, sums):
    """Sum psi (e^mu phi_ahead - e^-mu phi_behind), rho = psi phi and rho^2 over sites, real parts first."""
    sums[:] = 0
    last = ahead.shape[0] - 1
    up, down = forward[last], backward[last]
    for x in range(field.shape[0]):
        y, z = ahead[last, x], behind[last, x]
        for i in range(WIDTH):
            a, b, c, d = field[x, i], field[x, WIDTH + i], field[x, W2 + i], field[x, W3 + i]
            u = up * field[y, i] - down * field[z, i]
            v = up * field[y, WIDTH + i] - down * field[z, WIDTH + i]
            real, imaginary = a * c - b * d, a * d + b * c
            sums[0, i] += c * u - d * v
            sums[1, i] += c * v + d * u
            sums[2, i] += real
            sums[3, i] += imaginary
            sums[4, i] += real * real - imaginary * imaginary
            sums[5, i] += 2 * real * imaginary


@njit(fastmath=FAST, cache=True)
def _predict(field, drift, noise, size, root, trial):
    """Compute the Euler step of Heun's scheme, fields at the end of the step with the old drift."""
    for x in range(field.shape[0]):
        for i in range(WIDTH):
            h, w = size[i], root[i]
            one, two = w * noise[x, i], w * noise[x, WIDTH + i]
            trial[x, i] = field[x, i] + h * drift[x, i] + one
            trial[x, WIDTH + i] = field[x, WIDTH + i] + h * drift[x, WIDTH + i] + two
            trial[x, W2 + i] = field[x, W2 + i] + h * drift[x, W2 + i] + one
            trial[x, W3 + i] = field[x, W3 + i] + h * drift[x, W3 + i] - two


@njit(fastmath=FAST, cache=True)
def _correct(field, trial, before, after, size):
    """Replace the old drift by the mean of both drifts, Heun's second stage."""
    for x in range(field.shape[0]):
        for i in range(WIDTH):
            half = 0.5 * size[i]
            for j in (i, WIDTH + i, W2 + i, W3 + i):
                field[x, j] = trial[x, j] + half * (after[x, j] - before[x, j])


@njit(cache=True)
def _choose(largest, left, step, reference, size, root, alive):
    """Choose each walker's step, adaptive and ending exactly at its time; return whether any walker still moves."""
    moving = False
    for i in range(WIDTH):
        size[i] = 0.0
        if alive[i] and not largest[i] < RUNAWAY**2:
            alive[i] = False
        if alive[i] and left[i] > 0:
            h = step
            if largest[i] > reference * reference:
                h = step * reference / np.sqrt(largest[i])
            size[i] = min(h, left[i])
            moving = True
        root[i] = np.sqrt(size[i])
    return moving


@njit(parallel=True, cache=True)
def advance(
    fields,
    streams,
    time,
    step,
    reference,
    patience,
    eta,
    coupling,
    ahead,
    behind,
    forward,
    backward,
    alive,
    integrals,
    histogram,
    taken,
):
    """Move every walker by the Langevin time `time`.

    Arguments:
        fields: (blocks, V, 4 WIDTH), updated.
        streams: generators of each block, updated.
        time: Langevin time.
        step: largest step.
        reference: drift above which the step shrinks; infinite for a fixed step.
        patience: number of steps after which a walker counts as a runaway.
        eta, coupling: of the action.
        ahead, behind: neighbours, (d, V).
        forward, backward: weights of the hops, (d,).
        alive: (blocks, WIDTH) bool, False for runaways; updated.
        integrals: (blocks, 6, WIDTH), added to: Langevin-time integrals of Re n, Im n, Re |phi|^2, ...
        histogram: (blocks, BINS), added to: Langevin time in bins of 8 log2 max_x |K_x|, plus an offset.
        taken: (blocks, WIDTH), added to: number of steps.
    """
    volume = fields.shape[1]
    count = volume * W2
    needed = padded_count(count)
    for block in prange(fields.shape[0]):
        field, state = fields[block], streams[block]
        before, after, trial = np.empty((3, volume, W4))
        words, noise = np.empty(needed, np.uint32), np.empty(needed, np.float32)
        kicks = noise[:count].reshape((volume, W2))
        largest, ignored, size, previous, root = np.zeros((5, WIDTH))
        sums, left = np.zeros((6, WIDTH)), np.full(WIDTH, float(time))
        for _ in range(patience):
            _drift(field, before, largest, ahead, behind, forward, backward, eta, 2 * coupling)
            previous[:] = size
            moving = _choose(largest, left, step, reference, size, root, alive[block])
            _observe(field, ahead, behind, forward, backward, sums)
            for i in range(WIDTH):
                weight = 0.5 * (previous[i] + size[i])
                if alive[block, i] and weight > 0:
                    left[i] -= size[i]
                    taken[block, i] += size[i] > 0
                    drift_bin = int(BIN_SHARE * 0.5 * np.log2(largest[i] + 1e-30)) + BIN_OFFSET
                    histogram[block, min(max(drift_bin, 0), BINS - 1)] += weight
                    for k in range(6):
                        integrals[block, k, i] += weight * sums[k, i] / volume
            if not moving:
                break
            normals(state, words, noise)
            _predict(field, before, kicks, size, root, trial)
            _drift(trial, after, ignored, ahead, behind, forward, backward, eta, 2 * coupling)
            _correct(field, trial, before, after, size)
        for i in range(WIDTH):
            if left[i] > 0:
                alive[block, i] = False
