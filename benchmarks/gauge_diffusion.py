"""A diffusion model of U(1) links at couplings and on lattices that it was not trained at, raw and after sweeps.

    OMP_NUM_THREADS=1 python benchmarks/gauge_diffusion.py results/laptop/u1_diffusion/gauge_diffusion --betas 1 3 5 7
    OMP_NUM_THREADS=1 python benchmarks/gauge_diffusion.py results/laptop/u1_diffusion/gauge_diffusion --closed

Of each start (the model, hot links, cold links) and number of sweeps: plaquette minus exact in 1e-4, W(2 x 2) and <Q^2> over
exact, with errors of independent samples; of the raw model also <Q> and the CPU time of a sample. With --closed the network
is set to zero: what the closed forms do by themselves.
"""

import argparse
import math
import time
from itertools import product
from pathlib import Path

import torch

from emulant.families import load_model
from emulant.gauge.sweeping import exact_of, starts_of, sweep_rows
from emulant.systems.u1.system import U1

PLAQUETTES = 2**15
"""Of links that are made together: as many as stay in the cache of a core."""


def sampled(model, count):
    """Links (count, 2, L, L) of a model at its system's coupling."""
    generator = torch.Generator().manual_seed(1)
    batch = PLAQUETTES // math.prod(model.site_shape[1:])
    sizes = [min(batch, count - first) for first in range(0, count, batch)]
    return torch.cat([model.sample(size, generator).values for size in sizes]).numpy()


def line(row, exact):
    """What a row of `sweep_rows` says against exact values."""
    off = [1e4 * v for v in (row["plaquette"] - exact["plaquette"], row["plaquette_error"])]
    ratios = [
        f"{row[name] / exact[name]:.3f}({row[f'{name}_error'] / exact[name]:.3f})"
        for name in ("loop", "charge_squared")
    ]
    return f"{row['start']:5s} {row['sweeps']:3d} sweeps: {off[0]:+7.1f}({off[1]:.1f})  {'  '.join(ratios)}"


def measured(folder, beta, length, options):
    """Print the rows of one coupling and lattice."""
    system = U1(beta, (length, length))
    model = load_model(folder, system).eval()
    model.settings["generation"]["steps"] = options.steps
    if options.closed:
        torch.nn.init.zeros_(model.network.project)
    start = time.process_time()
    links = sampled(model, options.samples)
    spent = (time.process_time() - start) / options.samples
    charge = system.view(links).charge
    starts = {"model": links}
    if not options.closed:
        starts |= starts_of(links.shape, 2)
    error = charge.std() / math.sqrt(len(charge))
    print(f"beta {beta:g} L {length}: <Q> {charge.mean():+.3f}({error:.3f}), {1e3 * spent:.1f} ms a sample")
    for row in sweep_rows(system, starts, options.sweeps, 3):
        if row["start"] == "model" or row["sweeps"]:
            print("  " + line(row, exact_of(system)), flush=True)


def main():
    """Print the rows of each coupling and lattice."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="of a trained model")
    parser.add_argument("--betas", type=float, nargs="+", default=[2.25, 3.0, 5.0, 7.0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[8])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--sweeps", type=int, nargs="+", default=[0, 1, 2, 5])
    parser.add_argument("--closed", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for beta, length in product(options.betas, options.lengths):
        measured(options.folder, beta, length, options)


if __name__ == "__main__":
    main()
