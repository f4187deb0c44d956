r"""Complex Langevin of one variable: many walkers in the complexified plane, with real noise.

.. math:: dx = K_x dt + \sqrt 2\, dW, \qquad dy = K_y dt, \qquad K = -S'(x + iy)

by the stochastic Heun scheme, which is of second order in the step. Walkers move in groups; a group is a loop that
vectorises, and has its own random numbers, so results do not depend on the number of threads. Where the drift would
carry a walker farther than a bound in one step, its step is cut into shorter ones (adaptive step size, G. Aarts et al.,
arXiv:0912.0617); all walkers meet at equal Langevin times, so plain averages over records weigh Langevin time. Whether to
cut depends on where the walker is and not on its noise, which would bias the noise that is kept.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from tqdm import tqdm

from emulant.lattice.streams import normals, seeded
from emulant.statistics.cumulants import ORDER

__all__ = ["Run", "complex_langevin"]

GROUP = 1024
FAR, MOST_CUTS = 1e3, 100_000
SPARE = 64


@dataclass(frozen=True)
class Run:
    """What a run leaves.

    Attributes:
        averages: mean over the walkers that are left and over records, of each group, (groups, 19), in the order of
            `emulant.plane.points.COLUMNS`: Re and Im of z ... z⁸, x², y², xy.
        snapshots: (x, y) of walkers at times that lie `spacing` apart, (N, 2), walker by walker in time order.
        walkers: how many there were.
        runaways: how many of them left for infinity. They are in no average and no snapshot.
        cut_steps: part of the steps that had to be cut.
        time: Langevin time of all walkers together, after thermalisation.
    """

    averages: np.ndarray
    snapshots: np.ndarray
    walkers: int
    runaways: int
    cut_steps: float
    time: float


def complex_langevin(
    action: Any,
    *,
    time: float,
    step: float,
    seed: int,
    groups: int = 64,
    thermalisation: float = 20.0,
    record: float = 0.16,
    spacing: float = 8.0,
    bound: float = 0.5,
    threads: int = 1,
    progress: str | None = None,
) -> Run:
    """Run `groups` groups of 1024 walkers of an action for `time` each, from N(0, 1/4) on the real axis.

    Arguments:
        action: has `kernel` and `parameters`.
        time: Langevin time of each walker that is measured; snapshots are taken every `spacing` of it.
        step: of the integrator.
        seed: of everything.
        groups: of walkers, the blocks of the averages.
        thermalisation: Langevin time before the first record.
        record: Langevin time between two records.
        spacing: Langevin time between two snapshots.
        bound: how far the drift may carry a walker in one step.
        threads: groups that run at once.
        progress: label of a progress bar, None for none.
    """
    sequences = np.random.SeedSequence(seed).spawn(groups)
    stride = max(1, round(record / step))
    every = max(1, round(spacing / (stride * step)))
    snapshots = max(1, round(time / (every * stride * step)))
    warm = round(thermalisation / step)
    kernel, parameters = action.kernel, action.parameters

    def moved(sequence: np.random.SeedSequence, kept: np.ndarray) -> tuple:
        state = seeded(sequence, 1)[0]
        start = np.random.default_rng(sequence).standard_normal(GROUP) * 0.5
        return _run(kernel, parameters, state, start, kept, step, bound, warm, stride, every, snapshots)

    def run(sequence: np.random.SeedSequence) -> tuple:
        result = moved(sequence, np.ones(GROUP))
        alive = result[3]
        # Who runs away is known only at the end: a group that lost walkers moves once more, and averages the others.
        return result if alive.all() else moved(sequence, alive.astype(float))

    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=groups, desc=progress, unit="group", disable=progress is None, mininterval=2) as bar,
    ):
        results = []
        for result in pool.map(run, sequences):
            results.append(result)
            bar.update()
    lost = sum(result[2] for result in results)
    shown = np.concatenate([result[1][result[3]] for result in results])
    steps = GROUP * groups * (warm + snapshots * every * stride)
    return Run(
        averages=np.stack([result[0] for result in results]),
        snapshots=shown.reshape(-1, 2),
        walkers=GROUP * groups,
        runaways=lost,
        cut_steps=sum(result[4] for result in results) / steps,
        time=GROUP * groups * snapshots * every * stride * step,
    )


@njit(nogil=True)
def _run(kernel, parameters, state, start, kept, step, bound, warm, stride, every, snapshots):
    """Move one group; averages of the walkers kept, snapshots (walker, time, 2), runaways, mask of those left, cuts."""
    x, y, count = start.copy(), np.zeros(start.size), start.size
    words, noise = np.empty(count, np.uint32), np.empty(count, np.float32)
    spare_words, spare = np.empty(SPARE, np.uint32), np.empty(SPARE, np.float32)
    alive, sums, cuts = np.ones(count, np.bool_), np.zeros(2 * ORDER + 3), 0
    shown = np.empty((count, snapshots, 2), np.float32)
    for _ in range(warm):
        normals(state, words, noise)
        cuts += _advance(kernel, parameters, x, y, alive, noise, step, bound, state, spare_words, spare)
    for n in range(snapshots):
        for _ in range(every):
            for _ in range(stride):
                normals(state, words, noise)
                cuts += _advance(
                    kernel, parameters, x, y, alive, noise, step, bound, state, spare_words, spare
                )
            _record(x, y, kept, sums)
        for i in range(count):
            shown[i, n, 0], shown[i, n, 1] = x[i], y[i]
    averages = sums / (max(kept.sum(), 1.0) * snapshots * every)
    return averages, shown, count - alive.sum(), alive, cuts


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _propose(kernel, parameters, x, y, noise, step, new_x, new_y):
    """One Heun step of every walker to new places; the largest square of a drift where they were."""
    root, largest = np.sqrt(2 * step), 0.0
    for i in range(x.size):
        kick = root * noise[i]
        kx, ky = kernel(x[i], y[i], parameters)
        there_x, there_y = kernel(x[i] + step * kx + kick, y[i] + step * ky, parameters)
        new_x[i] = x[i] + 0.5 * step * (kx + there_x) + kick
        new_y[i] = y[i] + 0.5 * step * (ky + there_y)
        largest = max(largest, kx * kx + ky * ky)
    return largest


@njit(nogil=True)
def _advance(kernel, parameters, x, y, alive, noise, step, bound, state, spare_words, spare):
    """Move every walker that is left by one step; returns how many steps were cut."""
    new_x, new_y, cuts = np.empty(x.size), np.empty(x.size), 0
    largest = _propose(kernel, parameters, x, y, noise, step, new_x, new_y)
    limit = (bound / step) ** 2
    if not largest < limit:
        for i in range(x.size):
            kx, ky = kernel(x[i], y[i], parameters)
            if alive[i] and not kx * kx + ky * ky < limit:
                cuts += 1
                alive[i], new_x[i], new_y[i] = _crawl(
                    kernel, parameters, x[i], y[i], step, bound, state, spare_words, spare
                )
    for i in range(x.size):
        x[i], y[i] = (new_x[i], new_y[i]) if alive[i] else (0.0, 0.0)
    return cuts


@njit(nogil=True)
def _crawl(kernel, parameters, x, y, step, bound, state, spare_words, spare):
    """Cover `step` in shorter ones, none of which moves by drift farther than half of `bound`; False for a runaway."""
    left, used = step, SPARE
    for _ in range(MOST_CUTS):
        kx, ky = kernel(x, y, parameters)
        size = np.sqrt(kx * kx + ky * ky)
        if not (size < np.inf and abs(x) + abs(y) < FAR):
            return False, 0.0, 0.0
        part = min(left, 0.25 * step, 0.5 * bound / max(size, 1e-300))
        if used == SPARE:
            normals(state, spare_words, spare)
            used = 0
        kick = np.sqrt(2 * part) * spare[used]
        used += 1
        tx, ty = kernel(x + part * kx + kick, y + part * ky, parameters)
        x, y = x + 0.5 * part * (kx + tx) + kick, y + 0.5 * part * (ky + ty)
        left -= part
        if left <= 1e-12 * step:
            return True, x, y
    return False, 0.0, 0.0


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _record(x, y, kept, sums):
    """Add the moments of the walkers with `kept` = 1, those with 0 count as sitting at zero."""
    s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = 0.0
    t1 = t2 = t3 = t4 = t5 = t6 = t7 = t8 = 0.0
    xx = yy = xy = 0.0
    for i in range(x.size):
        a, b = kept[i] * x[i], kept[i] * y[i]
        aa, bb, ab = a * a, b * b, a * b
        a2, b2 = aa - bb, 2 * ab
        a4, b4 = a2 * a2 - b2 * b2, 2 * a2 * b2
        a3, b3 = a2 * a - b2 * b, a2 * b + b2 * a
        s1, t1, s2, t2, s3, t3, s4, t4 = s1 + a, t1 + b, s2 + a2, t2 + b2, s3 + a3, t3 + b3, s4 + a4, t4 + b4
        s5, t5 = s5 + a4 * a - b4 * b, t5 + a4 * b + b4 * a
        s6, t6 = s6 + a4 * a2 - b4 * b2, t6 + a4 * b2 + b4 * a2
        s7, t7 = s7 + a4 * a3 - b4 * b3, t7 + a4 * b3 + b4 * a3
        s8, t8 = s8 + a4 * a4 - b4 * b4, t8 + 2 * a4 * b4
        xx, yy, xy = xx + aa, yy + bb, xy + ab
    found = (s1, t1, s2, t2, s3, t3, s4, t4, s5, t5, s6, t6, s7, t7, s8, t8, xx, yy, xy)
    for k, value in enumerate(found):
        sums[k] += value
