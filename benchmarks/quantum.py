"""Quantum paths: flows of the anharmonic rows of a table at T = 0.1, levels from many paths, and what paths cost.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/quantum.py flows
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/quantum.py levels --samples 200000
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/quantum.py cost

Times are of CPU.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from emulant.families import build_model
from emulant.quantum.chains import PathChains, starts
from emulant.quantum.exact_sampler import RESOLUTION, exact_paths
from emulant.quantum.observables import level
from emulant.quantum.transfer_matrix import TransferMatrix
from emulant.quantum.views import Paths
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.storage.yaml_files import read_yaml
from emulant.systems.quantum_path.system import from_settings
from emulant.transport.gaussian_start import GaussianStart

QUARTIC, STRONG, DOUBLE = [0.0, 0.0, 0.5, 0.0, 0.25], [0.0, 0.0, 0.5, 0.0, 1.0], [1.0, 0.0, -2.0, 0.0, 1.0]
ROWS = [(potential, points) for potential in (QUARTIC, STRONG, DOUBLE) for points in (20, 100)]
SAMPLES, CHUNK, TRAJECTORIES = 8192, 4096, 20
MODEL = Path(__file__).parents[1] / "config/models/ridge_flow.yaml"


def system_of(potential, points):
    return from_settings({"potential": potential, "temperature": 0.1, "shape": [points]})


def weighed(system, paths, log_q):
    """Effective part, and E_0 by ln Z in units of its error from the exact one."""
    log_weight = (-system.action(paths.double()) - log_q).numpy()
    minus_log_z, error = minus_log_mean(log_weight)
    off = system.ground_energy(-minus_log_z) / system.exact.energies[0] - 1
    return f"{effective_fraction(log_weight)[0]:.4f} (E_0 {1e2 * off:+.4f} % +- {1e2 * error / 10:.4f})"


@torch.no_grad()
def flows():
    """Print the effective part of the Gaussian and of the fitted flow."""
    for potential, points in ROWS:
        system, generator = system_of(potential, points), torch.Generator().manual_seed(1)
        model = build_model({"name": "ridge_flow", **read_yaml(MODEL)}, None, system)
        latents = model.start.sample(SAMPLES, generator)
        gaussian = weighed(system, latents, model.start.log_density(latents))
        begin = time.process_time()
        for number in range(model.rounds):
            model.fit_round(number, generator, {})
        spent = time.process_time() - begin
        drawn = model.sample(SAMPLES, generator)
        flow = weighed(system, drawn.values, drawn.log_q)
        print(f"{potential} N {points}: Gaussian {gaussian}; ridge_flow {flow} after {spent:.1f} s")


def levels(samples):
    """Print the gaps from exact paths, with errors by 20 blocks, in per cent of those of the transfer matrix."""
    for potential, points in ROWS:
        system, generator = system_of(potential, points), np.random.default_rng(1)
        matrix = TransferMatrix(system.potential, 1.0, system.spacing, points, RESOLUTION)
        drawn = (exact_paths(matrix, CHUNK, generator) for _ in range(max(20, samples // CHUNK)))
        means = [level.primaries(Paths(paths, system)).mean(0) for paths in drawn]
        blocks = np.array([part.mean(0) for part in np.array_split(np.array(means), 20)])
        value = level.value(blocks.mean(0), (points,))
        others = level.value((blocks.sum(0) - blocks) / 19, (points,))
        error = np.sqrt(19 * others.var(0))
        gaps = system.exact.energies[1:3] - system.exact.energies[0]
        print(f"{potential} N {points}: {100 * (value / gaps - 1)} % +- {100 * error / gaps}")


def cost():
    """Print what an exact path and a trajectory of Hybrid Monte Carlo cost for (x^2 - 1)^2 at N = 100."""
    system, generator = system_of(DOUBLE, 100), np.random.default_rng(1)
    matrix = TransferMatrix(system.potential, 1.0, system.spacing, 100, RESOLUTION)
    exact_paths(matrix, 8, generator)
    begin = time.process_time()
    exact_paths(matrix, CHUNK, generator)
    exact = (time.process_time() - begin) / CHUNK
    start = GaussianStart(torch.from_numpy(system.inverse_power()))
    paths, _ = starts(start, 256, system.potential.minima(), torch.Generator().manual_seed(1))
    chains = PathChains(paths, system, start, seed=1)
    chains.advance(None, TRAJECTORIES)
    begin = time.process_time()
    acceptance = chains.advance(None, TRAJECTORIES).mean()
    moved = (time.process_time() - begin) / (256 * TRAJECTORIES)
    print(f"exact path {1e6 * exact:.0f} us, trajectory {1e6 * moved:.0f} us, accepted {acceptance:.2f}")


def main():
    """Print what the chosen section measures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", choices=["flows", "levels", "cost"])
    parser.add_argument("--samples", type=int, default=200_000)
    chosen = parser.parse_args()
    sections = {"flows": flows, "levels": lambda: levels(chosen.samples), "cost": cost}
    sections[chosen.section]()


if __name__ == "__main__":
    main()
