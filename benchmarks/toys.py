"""Deviation of models of one or two degrees of freedom from exact values, trained as configured or loaded.

    OMP_NUM_THREADS=1 TQDM_DISABLE=1 python benchmarks/toys.py --scale laptop --samples 10000000

Printed are cumulants of generated samples of each coordinate with their statistical errors, and the effective action S_DM
against -log p_t where p_t > 1e-2. With `--results results` trained models are loaded from there.
"""

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from emulant.configuration.experiments import load_experiment
from emulant.families import build_model, load_model
from emulant.scalar.effective_action import effective_action, largest_deviation
from emulant.statistics.cumulants import ORDER, cumulants, site_moments
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.systems import system_from
from emulant.training.loop import TrainingSettings, train

ROOT = Path(__file__).parent.parent
EXPERIMENTS = ("two_peak", "two_dimensional_peaks", "effective_action", "effective_action_single_well")
WITH_CUMULANTS = ("two_peak", "planar_peaks")
TIMES = (0.1, 0.3, 0.5, 0.8)
"""Diffusion times of S_DM, from almost the target's law to almost the prior's."""


def main():
    """Train or load every model and print its deviations."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="laptop")
    parser.add_argument("--samples", type=int, default=10**7, help="generated samples of each model of peaks")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, help="folder of trained models, such as results")
    parser.add_argument("--experiments", nargs="+", default=EXPERIMENTS)
    parser.add_argument("--models", nargs="+", help="only these models")
    options = parser.parse_args()
    for name in options.experiments:
        schema = ROOT / "workflow/schemas/experiment.schema.yaml"
        settings = load_experiment(ROOT / "config", name, options.scale, schema)
        system = system_from(settings["system"])
        for number, model in enumerate(settings["models"].values()):
            if options.models and model["name"] not in options.models:
                continue
            print(f"{name}, {model['name']}", flush=True)
            if options.results:
                trained = load_model(options.results / options.scale / name / model["name"])
            else:
                trained = train_here(system, settings, model, options.seed + number)
            if system.kind in WITH_CUMULANTS:
                print_cumulants(system, trained, options.samples, options.seed + number)
            if system.site_shape == (1,):
                print_law(system, trained)
                print_effective_action(system, trained)


def train_here(system, settings, model, seed):
    """Train a model as the rule `train` does."""
    count = settings["reference"]["training_samples"]
    start = time.process_time()
    fields = torch.from_numpy(system.sample(count, np.random.default_rng(seed)).astype(np.float32))
    drawn = time.process_time()
    torch.manual_seed(seed)
    built = build_model(model, fields)
    examples = built.examples(fields, seed)
    with tempfile.TemporaryDirectory() as folder:
        averaged, curve = train(
            built,
            examples,
            TrainingSettings(**model["training"]),
            seed=seed,
            checkpoint=Path(folder) / "checkpoint",
            stamp="benchmark",
        )
    for axis, moments in zip("xy", coordinate_moments(fields.numpy()), strict=False):
        listed = in_percent(cumulants(moments.mean(axis=0)), system.cumulants())
        print(f"  {axis} of the training samples: {listed}")
    built.finished(averaged, examples, torch.Generator().manual_seed(seed))
    print(
        f"  {count} training samples in {drawn - start:.1f} CPU-s, training {time.process_time() - drawn:.1f} CPU-s,"
        f" rms error of the target {math.sqrt(curve[-1]['loss']):.5f}"
    )
    return built


def in_percent(value, exact):
    """Format the relative deviations of kappa_2 ... kappa_8."""
    return ", ".join(f"kappa_{n} {100 * (value[n - 1] / exact[n - 1] - 1):+.3f} %" for n in (2, 4, 6, 8))


def coordinate_moments(points):
    """Compute the moments of each coordinate of points (N, coordinates), a list of (N, 8)."""
    return [site_moments(column[:, None]) for column in points.T]


def print_cumulants(system, model, samples, seed, batch=1 << 13):
    """Print cumulants of generated samples, and their deviation from the exact ones in percent, for each coordinate."""
    generator, done, start = torch.Generator().manual_seed(seed), 0, time.process_time()
    sums = [BlockSums(ORDER) for _ in range(system.site_shape[0])]
    blocks = assign_blocks(samples)
    while done < samples:
        generated = model.sample(min(batch, samples - done), generator).values.double().numpy()
        for block_sums, moments in zip(sums, coordinate_moments(generated), strict=True):
            block_sums.add(blocks[done : done + len(generated)], moments)
        done += len(generated)
    print(
        f"  {samples} samples, {model.evaluations} network evaluations each, {time.process_time() - start:.0f} CPU-s"
    )
    exact = system.cumulants()
    for axis, block_sums in zip("xy", sums, strict=False):
        value, left_out = jackknife(block_sums, cumulants)
        error = jackknife_error(left_out)
        for n in (2, 4, 6, 8):
            k, scale = exact[n - 1], 100 / abs(exact[n - 1])
            print(
                f"  kappa_{n} of {axis} = {value[n - 1]:+.5f} +- {error[n - 1]:.5f}, exact {k:+.4f}:"
                f" {100 * (value[n - 1] / k - 1):+.3f} % +- {scale * error[n - 1]:.3f} %"
            )


def print_law(system, model, reach=8.0, order=600):
    """Print cumulants of the generator without statistical error: its flow is an odd map of one normal variable.

    The quadrature has nodes x^4, dense at 0, where the map of two peaks is steep.
    """
    nodes, weights = np.polynomial.legendre.leggauss(order)
    node = 0.5 * (nodes + 1)
    latent = reach * node**4
    weights = weights * 4 * reach * node**3 * np.exp(-0.5 * latent**2) / math.sqrt(2 * math.pi)
    latents = torch.as_tensor(latent, dtype=torch.float32)[:, None]
    generated = model.generate(latents, torch.Generator()).double().numpy()
    even = weights @ site_moments(generated) * np.array([0, 1] * (ORDER // 2))
    listed = in_percent(cumulants(even), system.cumulants())
    print(f"  the law of the generator, by quadrature: {listed}")


def print_effective_action(system, model):
    """Print the largest |S_DM + log p_t| where p_t > 1e-2, at each time."""
    unit, deviations = model.field_unit(), []
    for t in TIMES:

        @torch.no_grad()
        def score(phi, t=t):
            fields = torch.as_tensor(phi / unit, dtype=torch.float32)[:, None]
            return model.score(fields, t)[:, 0].double().numpy() / unit

        kernel = {"signal": model.path.signal(t), "noise": unit * model.path.noise(t)}
        deviations.append(largest_deviation(effective_action(system, score, **kernel)))
    listed = ", ".join(f"{value:.4f} at t = {t}" for t, value in zip(TIMES, deviations, strict=True))
    print(f"  largest deviation of S_DM: {listed}")


if __name__ == "__main__":
    sys.exit(main())
