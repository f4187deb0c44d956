"""A diffusion model of U(1) links at couplings and on lattices that it was not trained at, raw and after sweeps.

    OMP_NUM_THREADS=1 python benchmarks/gauge_diffusion.py results/laptop/u1_diffusion/gauge_diffusion --betas 1 3 5 7
    OMP_NUM_THREADS=1 python benchmarks/gauge_diffusion.py results/laptop/u1_diffusion/gauge_diffusion --closed
    OMP_NUM_THREADS=1 python benchmarks/gauge_diffusion.py results/laptop/u1_diffusion/gauge_diffusion --controlled --betas 3
    OMP_NUM_THREADS=1 python benchmarks/gauge_diffusion.py --annealed 10 --betas 1 3 7 --samples 128

Of each start (the model, hot links, cold links) and number of sweeps: plaquette minus exact in 1e-4, W(2 x 2) and <Q^2> over
exact, with errors of independent samples; of the raw model also <Q> and the CPU time of a sample. With --closed the network
is set to zero: what closed forms do by themselves. With --controlled the noise of the walk is taken out of the plaquette to
first order: E[sum cos theta_p | noisy links] is the derivative of ln p by beta, so that a step changes it by d score / d
beta times its noise, which has a mean of zero whatever the score. That leaves a fifth of the error. With --annealed the
closed forms at beta = 1 take the place of the network in the published recipe, beta / beta_0 times their score in so many
Langevin steps at each of 30 times: what a perfect network gives. With --ensemble the links are those that the pipeline has
made.
"""

import argparse
import math
import time
from itertools import pairwise, product
from pathlib import Path

import h5py
import numpy as np
import torch

from emulant.families import load_model
from emulant.families.gauge_diffusion.coupling import Wilson
from emulant.families.gauge_diffusion.sampling import levels as noises_of
from emulant.families.gauge_diffusion.sampling import random_walk
from emulant.families.gauge_diffusion.score import network_of, plaquette_score
from emulant.families.gauge_diffusion_baseline.annealing import adjusted, levels, unadjusted
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import boundary_sums, plaquette_sums
from emulant.gauge.sweeping import exact_of, starts_of, sweep_rows
from emulant.storage.yaml_files import read_yaml
from emulant.systems.u1.system import U1
from emulant.transport.paths import VarianceExploding

MODELS = Path(__file__).parents[1] / "config" / "models"

DIFFERENCE = 0.1
"""Step in beta of a score's derivative."""
PARTS = 8
"""Of the walk, each with a coefficient; in the first nothing is decided."""
PLAQUETTES = 2**15
"""Of links that are made together: as many as stay in the cache of a core."""


def sampled(model, count):
    """Links (count, 2, L, L) of a model at its system's coupling."""
    generator = torch.Generator().manual_seed(1)
    batch = PLAQUETTES // math.prod(model.site_shape[1:])
    sizes = [min(batch, count - first) for first in range(0, count, batch)]
    return torch.cat([model.sample(size, generator).values for size in sizes]).numpy()


def controlled(model, count):
    """Links as of `sampled`, and controls (count, PARTS - 1) of the mean plaquette, whose mean is zero."""
    system, steps = model.system, model.evaluations
    generator, noises = torch.Generator().manual_seed(1), noises_of(steps)
    following = dict(pairwise(noises))
    part = {s: number * PARTS // steps for number, s in enumerate(noises)}
    batch = PLAQUETTES // math.prod(model.site_shape[1:])
    links, controls = [], []
    for first in range(0, count, batch):
        shape = (min(batch, count - first), *model.site_shape)
        wilson, other = (
            Wilson.of(torch.full(shape[:1], beta)) for beta in (system.beta, system.beta + DIFFERENCE)
        )
        control = torch.zeros(shape[0], PARTS, dtype=torch.float64)

        def head(plaquettes, s, shape=shape, wilson=wilson, other=other, control=control):
            noise = torch.full(shape[:1], s, dtype=torch.float64)
            h = plaquette_score(model.network, plaquettes, noise, wilson)
            if s in following:
                slope = plaquette_score(model.network, plaquettes, noise, other) - h
                # What the walk is about to draw.
                normal = torch.randn(shape, generator=generator.clone_state(), dtype=torch.float64)
                size = following[s] * math.sqrt(1 - (following[s] / s) ** 2)
                control[:, part[s]] += size * (normal * boundary_sums(slope)).sum((1, 2, 3))
            return h

        uniform = math.pi * (2 * torch.rand(shape, generator=generator, dtype=torch.float64) - 1)
        links.append(random_walk(head, uniform, steps, generator))
        controls.append(control[:, 1:])
    return torch.cat(links).numpy(), torch.cat(controls).numpy()


def print_controlled(model, count):
    """Print plaquette minus exact with its controls, and W(2 x 2) and <Q^2> over exact, of the same links."""
    links, controls = controlled(model, count)
    view, exact = model.system.view(links), model.system.exact
    plain = view.wilson_loop(1, 1) - exact.plaquette
    columns = np.column_stack([np.ones(count), controls])
    fitted, *_ = np.linalg.lstsq(columns, plain, rcond=None)
    left = (plain - columns @ fitted).std()
    ratios = [view.wilson_loop(2, 2) / exact.wilson_loop(4), view.charge**2 / exact.charge_squared]
    told = "  ".join(f"{v.mean():.3f}({v.std() / math.sqrt(count):.3f})" for v in ratios)
    print(
        f"beta {model.system.beta:g} L {model.site_shape[-1]}, {model.evaluations} steps:"
        f" {1e4 * plain.mean():+.1f}({1e4 * plain.std() / math.sqrt(count):.1f}),"
        f" controlled {1e4 * fitted[0]:+.1f}({1e4 * left / math.sqrt(count):.1f})  {told}"
    )


def annealed(system, moves, count):
    """Links (count, 2, L, L) by the published recipe with the closed forms at beta = 1 in place of its network."""
    generation = read_yaml(MODELS / "gauge_diffusion_baseline.yaml")["generation"]
    generation |= {"moves": moves, "ratio": 0.7, "levels": 30}
    generator, path = torch.Generator().manual_seed(1), VarianceExploding(25.0)
    network, wilson = network_of(1, 0, 1), Wilson.of(torch.ones(count))
    shape = (count, *system.site_shape)
    x = torch.randn(shape, generator=generator, dtype=torch.float64) * float(path.noise(1.0))
    for time_, step, exact in levels(generation):
        noise = torch.full((count,), math.pi * float(path.noise(time_)), dtype=torch.float64)

        def drift(x, noise=noise):
            head = plaquette_score(network, wrapped(plaquette_sums(math.pi * x)), noise, wilson)
            return system.beta * math.pi * boundary_sums(head)

        if exact:
            x = adjusted(x, drift, lambda x: system.action(math.pi * x), step, moves, generator)
        else:
            x = unadjusted(x, drift, step, moves, generator)
    return wrapped(math.pi * x).numpy()


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
    start = time.process_time()
    if options.annealed:
        links = annealed(system, options.annealed, options.samples)
    elif options.ensemble:
        with h5py.File(folder / "ensemble.h5") as file:
            links = file["configurations"][: options.samples]
    else:
        model = load_model(folder, system).eval()
        model.settings["generation"]["steps"] = options.steps
        if options.closed:
            torch.nn.init.zeros_(model.network.project)
        if options.controlled:
            print_controlled(model, options.samples)
            return
        links = sampled(model, options.samples)
    spent = (time.process_time() - start) / len(links)
    charge = system.view(links).charge
    several = np.repeat(links, options.copies, axis=0)
    starts = {"model": several}
    if not (options.closed or options.annealed):
        starts |= starts_of(several.shape, 2)
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
    parser.add_argument("folder", type=Path, nargs="?", help="of a trained model")
    parser.add_argument("--ensemble", action="store_true", help="links that the pipeline has made")
    parser.add_argument(
        "--copies", type=int, default=1, help="of each, swept by themselves; errors are as of many"
    )
    parser.add_argument("--annealed", type=int, default=0, help="Langevin steps at each time")
    parser.add_argument("--betas", type=float, nargs="+", default=[2.25, 3.0, 5.0, 7.0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[8])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--sweeps", type=int, nargs="+", default=[0, 1, 2, 5])
    parser.add_argument("--closed", action="store_true")
    parser.add_argument("--controlled", action="store_true", help="the plaquette with controls")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for beta, length in product(options.betas, options.lengths):
        measured(options.folder, beta, length, options)


if __name__ == "__main__":
    main()
