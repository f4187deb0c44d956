"""Hybrid Monte Carlo against the 2024 notebook's algorithm in NumPy, side by side on one thread.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/hmc.py

The yardstick is a single chain in float64, a leapfrog of 100 steps of 0.01 (`contenders/notebook.py`). Both alternate, so
that other load on the machine slows both. Other implementations of the yardstick: benchmarks/peers.py.

An update is one force evaluation on one site; the time includes momentum refresh, energies and the Metropolis step. A
leapfrog of n steps evaluates n + 1 forces in the yardstick and n in ours. Independent configurations per second are
trajectories per second divided by 2 tau_int(|M|) (Gamma method), clusters and flips included in the time. The yardstick's
tau_int is measured with our chains at its trajectory, a leapfrog of length 1, because its single chain is too slow.
"""

import argparse
import time

import numpy as np
from contenders.notebook import chain
from contenders.race import seconds

from emulant.lattice.sampler import Chains
from emulant.lattice.starts import starts
from emulant.lattice.trajectory import LEAPFROG, OMELYAN, Trajectory
from emulant.lattice.tuning import tune
from emulant.markov.thermalisation import thermalise
from emulant.statistics.autocorrelation import integrated_time

TARGETS = {"updates": 50, "independent": 30_000}
"""Goals of the project: updates relative to the yardstick, and independent configurations per second and core."""
BLOCK = 10
"""Trajectories timed together, so that the clock's resolution does not matter."""
YARDSTICK = "NumPy float64, leapfrog, n = 100"
UNIT = Trajectory(100, 0.01, jitter=0.0, clusters=0, flip=False, xi=LEAPFROG)


def update_rates(options, chains, rounds=12):
    """Return updates per second by name, of the yardstick and of ours, each the fastest of `rounds` rounds."""
    shape, sites = (options.size, options.size), options.size**2
    generator = np.random.default_rng(1)
    contenders = {YARDSTICK: chain(generator, shape, options.kappa, options.coupling)}
    forces = {YARDSTICK: 20 * 101}
    for precision in ("float32", "float64"):
        ours = Chains(shape, options.kappa, options.coupling, chains.fields, seed=2, dtype=precision)
        for name, xi in (("leapfrog", LEAPFROG), ("Omelyan", OMELYAN)):
            for steps in (10, 24, 100):
                label = f"emulant {precision}, {name}, n = {steps}"
                move = Trajectory(steps, min(0.2, 4 / steps), clusters=0, xi=xi)
                contenders[label] = lambda ours=ours, move=move: ours.advance(move, 4)
                forces[label] = 4 * steps * len(chains)
    for function in contenders.values():
        function()
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, function in contenders.items():
            times[name].append(seconds(function))
    return {name: forces[name] * sites / min(times[name]) for name in contenders}


def independent_rate(chains, trajectory, count):
    """Return tau_int(|M|), its error, the acceptance, and seconds per trajectory of one chain (fastest BLOCK)."""
    size, times, accepted = np.empty((len(chains), count)), [], 0.0
    for n in range(count):
        start = time.process_time()
        accepted += chains.advance(trajectory).mean() / count
        times.append(time.process_time() - start)
        size[:, n] = np.abs(chains.averages()[0])
    tau, error = integrated_time(size)
    cost = np.reshape(times, (-1, BLOCK)).mean(1).min() / len(chains)
    return max(0.5, tau), error, accepted, cost


def main():
    """Tune and thermalise chains, then print both comparisons."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kappa", type=float, default=0.26)
    parser.add_argument("--coupling", type=float, default=0.022)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--chains", type=int, default=256)
    parser.add_argument("--count", type=int, default=400, help="trajectories for tau_int, a multiple of 10")
    options = parser.parse_args()
    shape = (options.size, options.size)
    fields, hot = starts(np.random.default_rng(0), options.chains, shape, options.kappa, options.coupling)
    chains = Chains(shape, options.kappa, options.coupling, fields, seed=1)
    chains.advance(Trajectory(20, 0.05), 20)
    tuned, _ = tune(chains)
    thermalise(chains, tuned, hot)

    print(f"{options.size}^2, kappa = {options.kappa}, lambda = {options.coupling}, {options.chains} chains")
    print(f"\n{'full Hybrid Monte Carlo':40} {'updates/s':>12} {'ratio':>8}")
    rates = update_rates(options, chains)
    yardstick = rates[YARDSTICK]
    for name, rate in rates.items():
        print(f"{name:40} {rate:12.3g} {rate / yardstick:8.1f}")

    tau, error, accepted, cost = independent_rate(chains, tuned, options.count)
    unit_tau, unit_error, *_ = independent_rate(chains, UNIT, 200)
    unit_cost = 101 * options.size**2 / yardstick
    rate, unit_rate = 1 / (2 * tau * cost), 1 / (2 * unit_tau * unit_cost)
    print(f"\n{'independent configurations':40} {'tau_int(|M|)':>14} {'per second':>11} {'ratio':>8}")
    print(f"{'NumPy float64, n = 100, length 1':40} {unit_tau:7.1f} +- {unit_error:3.1f} {unit_rate:11.1f}")
    label = (
        f"emulant, n = {tuned.steps}, length {tuned.steps * tuned.step_size:.1f}, {tuned.clusters} cluster(s)"
    )
    print(f"{label:40} {tau:7.3f} +- {error:.3f} {rate:9.0f} {rate / unit_rate:8.0f}")
    print(f"acceptance of the tuned trajectory {accepted:.3f}")

    ratio = rates["emulant float32, Omelyan, n = 24"] / yardstick
    print(f"\ntargets: {ratio:.0f} of {TARGETS['updates']} times the updates of NumPy, ", end="")
    print(f"{rate:.0f} of {TARGETS['independent']} independent configurations per second and core")


if __name__ == "__main__":
    main()
