"""Site updates per second of complex Langevin for the Bose gas, against plain NumPy on one thread.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/bose_gas.py

The yardstick moves the same number of walkers at once, with complex fields phi and psi, neighbours by `np.roll`, and the
same adaptive Heun step; observables and time integrals are included in both. They alternate, so that other load on the
machine slows both; times are CPU times. A site update is one step of one site: two drifts and two standard normal variables.
"""

import argparse
import statistics
import time

import numpy as np

from emulant.systems.bose_gas.langevin import langevin
from emulant.worldlines.action import BoseGas

REFERENCE = 10.0
"""Drift above which the yardstick's step shrinks."""


def numpy_drift(gas, phi, psi):
    """Compute the drifts of phi and psi, each (walkers, *shape)."""
    local = gas.eta + 2 * gas.coupling * phi * psi
    on_phi, on_psi = -local * phi, -local * psi
    for axis, (forward, backward) in enumerate(zip(*gas.hops, strict=True), start=1):
        on_phi += forward * np.roll(phi, -1, axis) + backward * np.roll(phi, 1, axis)
        on_psi += backward * np.roll(psi, -1, axis) + forward * np.roll(psi, 1, axis)
    return on_phi, on_psi


def numpy_langevin(gas, walkers, steps, step, generator):
    """Compute time averages (walkers, 3) over `steps` steps of every walker."""
    shape, sites = (walkers, *gas.shape), tuple(range(1, gas.dimension + 1))
    phi = generator.normal(0, 0.3, shape) + 1j * generator.normal(0, 0.3, shape)
    psi, previous = phi.conj(), np.zeros(walkers)
    total, elapsed = np.zeros((walkers, 3), complex), np.zeros(walkers)
    for _ in range(steps):
        on_phi, on_psi = numpy_drift(gas, phi, psi)
        largest = np.sqrt((np.abs(on_phi) ** 2 + np.abs(on_psi) ** 2).max(axis=sites))
        size = step * np.minimum(1, REFERENCE / largest)
        weight, previous = (size + previous) / 2, size
        forward, backward = np.roll(phi, -1, -1), np.roll(phi, 1, -1)
        current, rho = psi * (gas.hops[0][-1] * forward - gas.hops[1][-1] * backward), phi * psi
        total += weight[:, None] * np.stack([a.mean(axis=sites) for a in (current, rho, rho**2)], axis=1)
        elapsed += weight
        h = size.reshape(-1, *(1 for _ in sites))
        noise = np.sqrt(h) * (generator.standard_normal(shape) + 1j * generator.standard_normal(shape))
        predicted = phi + h * on_phi + noise, psi + h * on_psi + noise.conj()
        after = numpy_drift(gas, *predicted)
        phi, psi = predicted[0] + h / 2 * (after[0] - on_phi), predicted[1] + h / 2 * (after[1] - on_psi)
    return total / elapsed[:, None]


def seconds(function):
    """Return the CPU time of one call, and its result."""
    begin = time.process_time()
    result = function()
    return time.process_time() - begin, result


def main():
    """Print site updates per second of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shape", type=int, nargs="+", default=[4, 4])
    parser.add_argument("--walkers", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    gas, walkers, step = BoseGas(tuple(arguments.shape), 1.0, 1.0, 1.3), arguments.walkers, 0.01
    generator, ours, theirs = np.random.default_rng(1), [], []
    duration = 4e6 / walkers / gas.volume * step
    langevin(gas, walkers, step, step, step)
    for n in range(arguments.rounds):
        spent, run = seconds(lambda n=n: langevin(gas, walkers, duration, duration / 10, step, seed=n))
        ours.append(1.1 * duration / run.mean_step * walkers * gas.volume / spent)
        steps = max(10, int(4e5 / walkers / gas.volume))
        spent, _ = seconds(lambda steps=steps: numpy_langevin(gas, walkers, steps, step, generator))
        theirs.append(steps * walkers * gas.volume / spent)
    fast, slow = map(statistics.median, (ours, theirs))
    print(
        f"{'x'.join(map(str, gas.shape))}, {walkers} walkers, median of {arguments.rounds}, site updates per second"
    )
    print(f"  NumPy complex128   {slow:9.3g}\n  emulant            {fast:9.3g}   {fast / slow:.1f} times")


if __name__ == "__main__":
    main()
