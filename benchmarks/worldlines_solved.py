"""Worms on solved lattices: density, <|phi|^2> and <|phi|^4> on exact values to a part in a thousand.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/worldlines_solved.py --updates 300

Errors are those of the means of independent chains.
"""

import argparse
import time

import numpy as np

from emulant.systems import system_from
from emulant.worldlines.chains import DualChains, DualMoves, starts, worms_of

CHAINS, FORGOTTEN = 1024, 200
LATTICES = [((10,), 0.5), ((10,), 1.0), ((2, 2), 1.0), ((2, 2), 1.5)]
NAMES = ("density", "<|phi|^2>", "<|phi|^4>")


def measured(system, updates, seed):
    """Mean observables of each chain, (chains, 3)."""
    dual, _ = starts(system.gas.shape, CHAINS, np.random.default_rng(seed))
    chains, move = (
        DualChains(dual, system.weights, seed=seed),
        DualMoves(worms=worms_of(system.gas), loops=2),
    )
    chains.advance(move, FORGOTTEN)
    total = np.zeros((CHAINS, 3))
    for _ in range(updates):
        chains.advance(move)
        view = system.view(chains.fields)
        total += np.stack([view.density, *view.moments], 1)
    return total / updates


def main():
    """Print each observable beside its exact value."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--updates", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for shape, mu in LATTICES:
        block = {"kind": "complex_scalar", "mass": 0.1, "lambda": 1.0, "shape": list(shape), "mu": mu}
        system, start = system_from(block), time.process_time()
        means = measured(system, options.updates, options.seed)
        spent = time.process_time() - start
        print(f"shape {shape}, mu {mu}: {spent:.0f} s of CPU")
        for name, column, exact in zip(NAMES, means.T, system.exact.observables, strict=True):
            error = column.std() / CHAINS**0.5
            pull = (column.mean() - exact) / error
            print(f"  {name} {column.mean():.6f} +- {error:.6f}, exact {exact:.6f}, {pull:+.1f} errors")


if __name__ == "__main__":
    main()
