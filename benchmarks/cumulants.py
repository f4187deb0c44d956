"""kappa_2..kappa_8 with errors against the time of naive `x**n` moments alone, on one ensemble and one thread.

    OMP_NUM_THREADS=1 python benchmarks/cumulants.py --configurations 100000 --size 32

Naive NumPy in float64 has the precision of ours; in float32 it has not, and is shown beside it. It runs on a
share of the configurations and is scaled; `--share 1` takes them all, and twice the memory of the ensemble.
"""

import argparse
import time

import numpy as np

from emulant.statistics.cumulants import ORDER, cumulants, site_moments
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error


def ours(fields):
    """Values and errors of kappa_2, 4, 6, 8: one pass over the fields, then the blocked jackknife."""
    sums = BlockSums(ORDER)
    sums.add(assign_blocks(len(fields)), site_moments(fields))
    value, samples = jackknife(sums, lambda means: cumulants(means)[..., 1::2])
    return value, jackknife_error(samples)


def naive(fields):
    """Moments 1..8 of each configuration, the array raised to each power."""
    return np.stack([(fields**n).mean(axis=(1, 2)) for n in range(1, ORDER + 1)], axis=1)


def seconds(function, fields, repeats=1):
    """Smallest CPU time of some repetitions."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function(fields)
        times.append(time.process_time() - start)
    return min(times)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--configurations", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    shape = (options.configurations, options.size, options.size)
    fields = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    part = fields[: max(1, round(options.share * len(fields)))]
    ours(part)
    fast = seconds(ours, fields, options.repeats)
    print(f"{options.configurations} configurations of {options.size}^2, stored in float32")
    print(f"emulant, cumulants with errors:       {fast:8.3f} s, {fields.nbytes / fast / 1e9:.1f} GB/s")
    for precision in ("float64", "float32"):
        slow = seconds(naive, part.astype(precision)) * len(fields) / len(part)
        print(f"numpy x**n in {precision}, moments only: {slow:8.3f} s, ratio {slow / fast:.0f}")
    for n, value, error in zip((2, 4, 6, 8), *ours(fields), strict=True):
        print(f"kappa_{n} = {value:+.5f} +- {error:.5f}")


if __name__ == "__main__":
    main()
