"""CPU time of kappa_2 ... kappa_8 with errors, against `x**n` moments without errors in NumPy, on one thread.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/cumulants.py --configurations 100000 --size 32

NumPy in float64 has our precision; float32 has not and is shown for comparison. NumPy runs on a share of the
configurations and its time is scaled; `--share 1` takes them all, and twice the memory of the ensemble. Repeats of all
three alternate, so that other load on the machine slows them alike; quote the ratio of the medians. NumPy's sum over all
sites shows the cost of reading the fields once, the bound of any single pass. Reading from HDF5 is timed separately.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from emulant.statistics.cumulants import ORDER, even_moments, symmetric_cumulants
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.storage.ensemble import EnsembleWriter, open_ensemble

CHUNK = 8192
"""Configurations per call, as the workflow reads them."""


def ours(fields):
    """Compute kappa_2, 4, 6, 8 and their errors: one pass over the fields, then the blocked jackknife."""
    sums, block = BlockSums(1 + ORDER // 2), assign_blocks(len(fields))
    for start in range(0, len(fields), CHUNK):
        chunk = slice(start, start + CHUNK)
        sums.add(block[chunk], even_moments(fields[chunk]))
    value, samples = jackknife(sums, lambda means: symmetric_cumulants(means[..., 1:]))
    return value, jackknife_error(samples)


def naive(fields):
    """Compute moments 1 ... 8 of each configuration by raising the array to each power, (N, 8)."""
    return np.stack([(fields**n).mean(axis=(1, 2)) for n in range(1, ORDER + 1)], axis=1)


def seconds(function, fields):
    """Return the CPU time of one call."""
    start = time.process_time()
    function(fields)
    return time.process_time() - start


def reading(fields):
    """Return the CPU time of reading the ensemble from HDF5 chunk by chunk."""
    attributes = {"system": "benchmark", "parameters": "{}", "sampler": "benchmark"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ensemble.h5"
        with EnsembleWriter(path, fields.shape[1:], attributes=attributes) as writer:
            writer.append(fields)
        with open_ensemble(path) as ensemble:
            start = time.process_time()
            for _ in ensemble.chunks(CHUNK):
                pass
            return time.process_time() - start


def main():
    """Print CPU times, their ratios, and the cumulants."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--configurations", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    shape = (options.configurations, options.size, options.size)
    fields = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    part = fields[: max(1, round(options.share * len(fields)))]
    scale = len(fields) / len(part)
    parts = {precision: part.astype(precision) for precision in ("float64", "float32")}
    ours(part)
    fast, summing, slow = [], [], {precision: [] for precision in parts}
    for _ in range(options.repeats):
        fast += [seconds(ours, fields) for _ in range(3)]
        summing.append(seconds(np.sum, fields))
        for precision, configurations in parts.items():
            slow[precision].append(scale * seconds(naive, configurations))
    best, typical = np.min(fast), np.median(fast)
    print(
        f"{options.configurations} configurations of {options.size}^2, stored in float32: least and median s"
    )
    rate = fields.nbytes / best / 1e9
    print(f"emulant, cumulants with errors:       {best:8.3f} {typical:8.3f}, {rate:.1f} GB/s")
    for precision, times in slow.items():
        ratios = f"ratio {np.min(times) / best:.0f} and {np.median(times) / typical:.0f}"
        print(
            f"numpy x**n in {precision}, moments only: {np.min(times):8.3f} {np.median(times):8.3f}, {ratios}"
        )
    print(f"numpy sum of all sites, nothing else: {np.min(summing):8.3f} {np.median(summing):8.3f}")
    print(f"reading the same from HDF5:           {reading(fields):8.3f}")
    for n, value, error in zip((2, 4, 6, 8), *ours(fields), strict=True):
        print(f"kappa_{n} = {value:+.5f} +- {error:.5f}")


if __name__ == "__main__":
    main()
