"""What makes the raw plaquette of `gauge_diffusion` wrong: the steps of its walk, and its closed score.

    OMP_NUM_THREADS=1 python benchmarks/gauge_walk.py steps --betas 2.25 --steps 64 128
    OMP_NUM_THREADS=1 python benchmarks/gauge_walk.py score --betas 2.25 --samples 1500
    OMP_NUM_THREADS=1 python benchmarks/gauge_walk.py charges --betas 7 --steps 64 --samples 700 --rounds 4 8

`steps` walks free plaquettes by their exact score: errors of <cos> and <cos 2 theta> in 1e-4. `score` weighs the error of
the closed score of noisy exact 8 x 8 configurations, against the unbiased target, along d score / d beta, which is the
gradient of E[sum cos theta_p | noisy links]: what it changes the raw plaquette by to first order, in 1e-4 for each unit of
ln s, and by what part of beta a larger one would make up for it. All levels have the same noise: their errors go together.
`charges` walks noisy exact configurations from several noises on by the closed score, with so many rounds of messages:
<Q^2> over exact, which tells where sectors go wrong, and the error of the plaquette in 1e-4.
"""

import argparse
import math
from itertools import product

import numpy as np
import torch

from emulant.families.gauge_diffusion import heights
from emulant.families.gauge_diffusion.coupling import Wilson
from emulant.families.gauge_diffusion.heads import broadened_score, head_of
from emulant.families.gauge_diffusion.sampling import levels
from emulant.families.gauge_diffusion.target import noisy
from emulant.gauge.arrays import wrapped
from emulant.gauge.exact_sampler import exact_plaquettes
from emulant.gauge.plaquettes import boundary_sums, plaquette_sums
from emulant.systems.u1.system import U1
from emulant.transport.multistep import multistep_walk

GRID = 2048
"""Intervals of an angle on which a score is tabulated."""
DIFFERENCE = 0.02
"""Relative step in beta of a score's derivative."""
LENGTH = 8
NOISES = (0.1, 0.135, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.95, 1.1, 1.3)


def walked(beta, steps, samples):
    """Print the error of <cos> and <cos 2 theta> of a free plaquette, whose noise is that of four links."""
    generator, wilson = torch.Generator().manual_seed(1), Wilson.of(torch.tensor([beta]))
    grid = torch.linspace(-math.pi, math.pi, GRID + 1, dtype=torch.float64)

    def denoised(x, s):
        variance = torch.full((1, 1, 1), s * s, dtype=torch.float64)
        table = broadened_score(grid[None, None], wilson, variance)[0, 0]
        return x + s * s * torch.from_numpy(np.interp(wrapped(x).numpy(), grid.numpy(), table.numpy()))

    uniform = math.pi * (2 * torch.rand(samples, generator=generator, dtype=torch.float64) - 1)
    angle = multistep_walk(denoised, uniform, [2 * s for s in levels(steps)], generator)
    errors = []
    for order in (1, 2):
        cos = (order * angle).cos()
        errors.append(
            (1e4 * float(cos.mean() - wilson.ratios[0, order - 1]), 1e4 * float(cos.std()) / samples**0.5)
        )
    print(
        f"beta {beta:g}, {steps} steps:", "  ".join(f"{value:+.1f}({error:.1f})" for value, error in errors)
    )


def scored(beta, samples):
    """Print what the error of the closed score changes the raw plaquette by, and what part of beta makes up for it."""
    system, rows = U1(beta, (LENGTH, LENGTH)), torch.ones(samples, dtype=torch.float64)
    wilson, other = (Wilson.of(rows * value) for value in (beta, beta * (1 + DIFFERENCE)))
    angles = exact_plaquettes(system.exact, samples, np.random.default_rng(5)).angles
    clean = torch.from_numpy(angles.reshape(samples, LENGTH, LENGTH))
    for s in NOISES:
        sample = noisy(clean, s * rows, wilson, torch.Generator().manual_seed(7))
        head, above = (head_of(sample.plaquettes, s * rows, w).h for w in (wilson, other))
        slope = boundary_sums(above - head) / (DIFFERENCE * beta)
        along = (boundary_sums(head - sample.target) * slope).sum((1, 2, 3))
        rate = 1e4 * 2 * s**2 * along / LENGTH**2
        lacking = -along / (beta * slope.square().sum((1, 2, 3)).mean())
        told = "  ".join(
            f"{v.mean():+.{digits}f}({v.std() / samples**0.5:.{digits}f})"
            for v, digits in ((rate, 1), (lacking, 4))
        )
        print(f"beta {beta:g}, s {s:g}: {told}", flush=True)


def rewalked(beta, steps, samples, first):
    """Print <Q^2> and the plaquette of exact configurations that got noise of this size and were walked back."""
    system, wilson = U1(beta, (LENGTH, LENGTH)), Wilson.of(torch.full((samples,), beta))
    generator = torch.Generator().manual_seed(1)
    angles = exact_plaquettes(system.exact, samples, np.random.default_rng(1)).angles
    clean = torch.from_numpy(angles.reshape(samples, LENGTH, LENGTH))
    noise = first * torch.randn(samples, 2, LENGTH, LENGTH, generator=generator, dtype=torch.float64)

    def denoised(x, s):
        plaquettes = wrapped(clean + plaquette_sums(x))
        return x + s * s * boundary_sums(head_of(plaquettes, torch.full((samples,), s).double(), wilson).h)

    noises = [first, *(s for s in levels(steps) if s < first)]
    moved = wrapped(clean + plaquette_sums(multistep_walk(denoised, noise, noises, generator)))
    squared = (moved.sum((1, 2)) / (2 * math.pi)).round() ** 2 / system.exact.charge_squared
    off = 1e4 * (moved.cos().mean((1, 2)) - system.exact.plaquette)
    told = "  ".join(f"{v.mean():+.3f}({v.std() / samples**0.5:.3f})" for v in (squared, off))
    print(f"beta {beta:g}, from s {first:g}, {heights.ROUNDS} rounds: {told}", flush=True)


def main():
    """Print a line for each coupling, and number of steps or noise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", choices=["steps", "score", "charges"])
    parser.add_argument("--betas", type=float, nargs="+", default=[2.25])
    parser.add_argument("--steps", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--samples", type=int, default=1000000)
    parser.add_argument("--noises", type=float, nargs="+", default=[0.45, 0.6, 0.9])
    parser.add_argument("--rounds", type=int, nargs="+", default=[heights.ROUNDS])
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    if options.section == "score":
        for beta in options.betas:
            scored(beta, options.samples)
        return
    if options.section == "charges":
        for case in product(options.betas, options.steps, options.rounds, options.noises):
            beta, steps, heights.ROUNDS, first = case
            rewalked(beta, steps, options.samples, first)
        return
    for beta, steps in product(options.betas, options.steps):
        walked(beta, steps, options.samples)


if __name__ == "__main__":
    main()
