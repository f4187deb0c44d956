r"""Complex Langevin of one variable: many walkers in the complex plane, with real noise.

.. math:: dx = K_x dt + \sqrt 2\, dW, \qquad dy = K_y dt, \qquad K = -S'(x + iy)

by the stochastic Heun scheme, of second order in the step. Walkers move in groups; a group is a loop that vectorises and
has its own random numbers, so results do not depend on the number of threads. Where the drift would move a walker by more
than a bound, the step is divided into shorter ones (adaptive step size, G. Aarts et al., arXiv:0912.0617); all walkers meet
at equal Langevin times, so plain averages over records are averages over Langevin time. The decision to divide depends on
the position and not on the noise: otherwise the noise of the undivided steps would be biased.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from tqdm import tqdm

from emulant.randomness.streams import normals, seeded
from emulant.statistics.cumulants import ORDER

__all__ = ["Run", "complex_langevin"]

# Walkers of a group: positions, proposals and noise take 40 kB and stay in a core's cache.
GROUP = 1024
# A walker that is farther out, or needs more substeps for one step, is a runaway: on its way to infinity the drift grows,
# and the substeps shrink, without end.
FAR, MOST_CUTS = 1e3, 100_000
# Standard normal variables drawn at a time for substeps: the smallest number that `normals` takes.
SPARE = 64


@dataclass(frozen=True)
class Run:
    """Results of a complex Langevin run.

    Attributes:
        averages: mean over the surviving walkers and over records, of each group, (groups, 19), in the order of
            `emulant.plane.points.COLUMNS`: Re and Im of z ... z⁸, x², y², xy.
        snapshots: (x, y) of the surviving walkers at times `spacing` apart, (N, 2), walker by walker in time order.
        walkers: number of walkers at the start.
        runaways: number of walkers that left for infinity. They are in no average and no snapshot.
        cut_steps: fraction of the steps that were divided.
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
        action: with `kernel` and `parameters`.
        time: Langevin time of each walker after thermalisation.
        step: of the integrator.
        seed: of the start and the noise.
        groups: number of groups, the blocks of the averages.
        thermalisation: Langevin time before the first record.
        record: Langevin time between two records.
        spacing: Langevin time between two snapshots.
        bound: largest distance that the drift may move a walker in one step.
        threads: groups that run at once.
        progress: label of a progress bar, None for none.
    """
    sequences = np.random.SeedSequence(seed).spawn(groups)
    stride = max(1, round(record / step))
    records = max(1, round(spacing / (stride * step)))
    snapshots = max(1, round(time / (records * stride * step)))
    warm_steps = round(thermalisation / step)
    kernel, parameters = action.kernel, action.parameters

    def run_group(sequence: np.random.SeedSequence, weight: np.ndarray) -> tuple:
        state = seeded(sequence, 1)[0]
        start = np.random.default_rng(sequence).standard_normal(GROUP) * 0.5
        return _run(
            kernel, parameters, state, start, weight, step, bound, warm_steps, stride, records, snapshots
        )

    def run(sequence: np.random.SeedSequence) -> tuple:
        result = run_group(sequence, np.ones(GROUP))
        alive = result[3]
        # Runaways are known only at the end: a group that lost walkers runs again and averages only the others.
        return result if alive.all() else run_group(sequence, alive.astype(float))

    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=groups, desc=progress, unit="group", disable=progress is None, mininterval=2) as bar,
    ):
        results = []
        for result in pool.map(run, sequences):
            results.append(result)
            bar.update()
    runaways = sum(result[2] for result in results)
    points = np.concatenate([result[1][result[3]] for result in results])
    steps = GROUP * groups * (warm_steps + snapshots * records * stride)
    return Run(
        averages=np.stack([result[0] for result in results]),
        snapshots=points.reshape(-1, 2),
        walkers=GROUP * groups,
        runaways=runaways,
        cut_steps=sum(result[4] for result in results) / steps,
        time=GROUP * groups * snapshots * records * stride * step,
    )


@njit(nogil=True)
def _run(kernel, parameters, state, start, weight, step, bound, warm_steps, stride, records, snapshots):
    """Move one group.

    Returns:
        Averages of the walkers with weight 1, snapshots (walker, time, 2), number of runaways, mask of the survivors,
        number of divided steps.
    """
    x, y, count = start.copy(), np.zeros(start.size), start.size
    words, noise = np.empty(count, np.uint32), np.empty(count, np.float32)
    spare_words, spare = np.empty(SPARE, np.uint32), np.empty(SPARE, np.float32)
    alive, sums, cuts = np.ones(count, np.bool_), np.zeros(2 * ORDER + 3), 0
    points = np.empty((count, snapshots, 2), np.float32)
    for _ in range(warm_steps):
        normals(state, words, noise)
        cuts += _advance(kernel, parameters, x, y, alive, noise, step, bound, state, spare_words, spare)
    for n in range(snapshots):
        for _ in range(records):
            for _ in range(stride):
                normals(state, words, noise)
                cuts += _advance(
                    kernel, parameters, x, y, alive, noise, step, bound, state, spare_words, spare
                )
            _record(x, y, weight, sums)
        for i in range(count):
            points[i, n, 0], points[i, n, 1] = x[i], y[i]
    averages = sums / (max(weight.sum(), 1.0) * snapshots * records)
    return averages, points, count - alive.sum(), alive, cuts


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _propose(kernel, parameters, x, y, noise, step, new_x, new_y):
    """Compute one Heun step of every walker; return the largest |K|² at the start."""
    root, largest = np.sqrt(2 * step), 0.0
    for i in range(x.size):
        kick = root * noise[i]
        kx, ky = kernel(x[i], y[i], parameters)
        predicted_kx, predicted_ky = kernel(x[i] + step * kx + kick, y[i] + step * ky, parameters)
        new_x[i] = x[i] + 0.5 * step * (kx + predicted_kx) + kick
        new_y[i] = y[i] + 0.5 * step * (ky + predicted_ky)
        largest = max(largest, kx * kx + ky * ky)
    return largest


@njit(nogil=True)
def _advance(kernel, parameters, x, y, alive, noise, step, bound, state, spare_words, spare):
    """Move every surviving walker by one step; return the number of divided steps."""
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
    """Cover `step` in shorter ones whose drift moves by at most half of `bound`; False for a runaway."""
    remaining, used = step, SPARE
    for _ in range(MOST_CUTS):
        kx, ky = kernel(x, y, parameters)
        size = np.sqrt(kx * kx + ky * ky)
        if not (size < np.inf and abs(x) + abs(y) < FAR):
            return False, 0.0, 0.0
        substep = min(remaining, 0.25 * step, 0.5 * bound / max(size, 1e-300))
        if used == SPARE:
            normals(state, spare_words, spare)
            used = 0
        kick = np.sqrt(2 * substep) * spare[used]
        used += 1
        predicted_kx, predicted_ky = kernel(x + substep * kx + kick, y + substep * ky, parameters)
        x, y = x + 0.5 * substep * (kx + predicted_kx) + kick, y + 0.5 * substep * (ky + predicted_ky)
        remaining -= substep
        if remaining <= 1e-12 * step:
            return True, x, y
    return False, 0.0, 0.0


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _record(x, y, weight, sums):
    """Add the moments of the walkers, z times `weight` (1 or 0)."""
    s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = 0.0
    t1 = t2 = t3 = t4 = t5 = t6 = t7 = t8 = 0.0
    xx = yy = xy = 0.0
    for i in range(x.size):
        a, b = weight[i] * x[i], weight[i] * y[i]
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
    moments = (s1, t1, s2, t2, s3, t3, s4, t4, s5, t5, s6, t6, s7, t7, s8, t8, xx, yy, xy)
    for k, value in enumerate(moments):
        sums[k] += value
