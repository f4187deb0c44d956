"""Complex Langevin of the quartic model: walker-steps per second against NumPy, and moments from a run of a minute.

    NUMBA_NUM_THREADS=1 python benchmarks/complex_langevin.py --threads 2

Both take Heun steps of the same number of walkers and alternate; wall times, because ours uses threads. Then the moments
of a run of the laptop scale, with errors and pulls against exact values.
"""

import argparse
import time

import numpy as np

from emulant.langevin.actions import Quartic
from emulant.langevin.exact import exact_moments
from emulant.langevin.sampler import GROUP, complex_langevin
from emulant.langevin.step_size import extrapolated

STEP, COARSER = 0.01, 4
"""Step in Langevin time, as in the experiment, and factor of the coarser step for Richardson's extrapolation."""
REPEATS = 3
"""Alternations, of which the median ratio counts."""


def naive(action, walkers, steps, generator):
    """Run the same scheme with an array of complex walkers; return their final positions."""
    z = 0.5 * generator.standard_normal(walkers) + 0j
    for _ in range(steps):
        kick = np.sqrt(2 * STEP) * generator.standard_normal(walkers)
        k = action.drift(z)
        z = z + 0.5 * STEP * (k + action.drift(z + STEP * k + kick)) + kick
    return z


def main():
    """Print walker-steps per second of both, their ratio, and the table of moments."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--groups", type=int, default=64)
    parser.add_argument(
        "--time", type=float, default=240.0, help="Langevin time of a walker in the table of moments"
    )
    options = parser.parse_args()
    action, generator = Quartic(1.0, 1.0, 1.0), np.random.default_rng(1)
    complex_langevin(action, time=0.2, step=STEP, seed=0, groups=1)
    walkers, ratios = GROUP * options.groups, []
    for repeat in range(REPEATS):
        start = time.perf_counter()
        run = complex_langevin(
            action,
            time=32.0,
            step=STEP,
            thermalisation=0.0,
            seed=repeat,
            groups=options.groups,
            threads=options.threads,
        )
        ours = run.time / STEP / (time.perf_counter() - start)
        start = time.perf_counter()
        naive(action, walkers, 40, generator)
        theirs = walkers * 40 / (time.perf_counter() - start)
        ratios.append(ours / theirs)
        print(
            f"ours {ours:.3g} walker-steps/s on {options.threads} threads, NumPy {theirs:.3g}: ratio {ratios[-1]:.0f}"
        )
    print(f"median ratio {np.median(ratios):.0f}")
    start = time.perf_counter()
    run, coarse = (
        complex_langevin(
            action, time=options.time, step=STEP * f, seed=99 + f, groups=64, threads=options.threads
        )
        for f in (1, COARSER)
    )
    print(f"{run.time:.3g} units of Langevin time and a coarser twin in {time.perf_counter() - start:.0f} s")
    averages = extrapolated(run.averages, coarse.averages, COARSER)
    exact, error = exact_moments(action), averages.std(axis=0) / np.sqrt(len(averages) - 1)
    for n in (2, 4, 6, 8):
        value, sigma = averages.mean(0)[2 * n - 2 : 2 * n], error[2 * n - 2 : 2 * n]
        pulls = (value - [exact[n - 1].real, exact[n - 1].imag]) / sigma
        relative = np.hypot(*sigma) / abs(exact[n - 1])
        print(f"mu_{n}: relative error {relative:.1e}, pulls {pulls[0]:+.1f} (Re) {pulls[1]:+.1f} (Im)")


if __name__ == "__main__":
    main()
