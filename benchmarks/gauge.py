"""Two-dimensional U(1): the exact sampler, the closed-form and the learned flows of links, and what a sample costs.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/gauge.py sampler --betas 1 3 7 --lengths 8 16
    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/gauge.py flows --betas 2 --lengths 8 --samples 20000
    OMP_NUM_THREADS=1 python benchmarks/gauge.py learned --betas 2 --lengths 8 --rectangle 0.5 --steps 1800

Pulls are differences from exact values over errors of independent samples. Times are of CPU, links and log q included; `map`
is the map of plaquettes alone. `learned` trains the models of config/models and weighs them, whole and in sectors of |Q|.
"""

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import torch

from emulant.families import build_model
from emulant.gauge.exact import Torus
from emulant.gauge.exact_sampler import acceptance, exact_links, exact_plaquettes
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.storage.yaml_files import read_yaml
from emulant.systems.u1.system import U1, from_settings
from emulant.training.loop import TrainingSettings, train
from emulant.transport.independence import independence_metropolis

MODELS = Path(__file__).parents[1] / "config" / "models"
LEARNED = ("gauge_flow", "gauge_flow_baseline")
FLOWS = ("trivial_map", "smooth_spread", "augmented_spread", "plaquette_tree")


def pull(values, exact):
    """Difference of the mean of independent numbers (N,) from an exact value over its error."""
    return (values.mean() - exact) / (values.std() / np.sqrt(len(values)))


def pulls(system, links):
    """Pulls of the plaquette, W(2 x 2), <Q^2> and P(0) of links that count alike."""
    view, torus = system.view(links), system.exact
    measured = {
        torus.plaquette: view.wilson_loop(1, 1),
        torus.wilson_loop(4): view.wilson_loop(2, 2),
        torus.charge_squared: view.charge**2,
        torus.charge_probability(0): (view.charge == 0).astype(float),
    }
    return " ".join(f"{pull(values, exact):+5.1f}" for exact, values in measured.items())


def sampler(beta, length, samples):
    """Print acceptance, pulls and CPU time of the exact sampler."""
    system, generator = U1(beta, (length, length)), np.random.default_rng(1)
    start = time.process_time()
    drawn = exact_plaquettes(system.exact, samples, generator)
    links = exact_links(drawn.angles, system.site_shape, generator)
    spent = (time.process_time() - start) / samples
    rate = acceptance(system.exact)
    print(
        f"beta {beta:4g} L {length:3d}: accepted {samples / drawn.proposals:.4f}, expected {rate:.4f};"
        f" pulls {pulls(system, links)}; {1e6 * spent:.0f} us"
    )


def flow(name, beta, length, samples):
    """Print effective part, acceptance, ln Z, pulls without weights and CPU time of one flow."""
    system = U1(beta, (length, length))
    settings = {"name": name, "family": name, "fit": {"samples": 16, "rounds": 1, "ridge": 1.0}}
    model = build_model(settings, None, system)
    model.sample(2, torch.Generator().manual_seed(0))
    start = time.process_time()
    drawn = model.sample(samples, torch.Generator().manual_seed(1))
    spent = (time.process_time() - start) / samples
    log_weight = (-system.action(drawn.values) - drawn.log_q).numpy()
    (ess, error), (log_z, _) = effective_fraction(log_weight), minus_log_mean(log_weight)
    accepted = independence_metropolis(log_weight, np.random.default_rng(2)).acceptance
    print(
        f"{name:16s} beta {beta:4g} L {length:3d}: ess {ess:.4f}({1e4 * error:.0f}), accepted {accepted:.4f}, sd ln w"
        f" {log_weight.std():.4f}, ln Z - exact {-log_z - Torus(beta, length**2).log_z:+.1e}; raw pulls"
        f" {pulls(system, drawn.values.numpy())}; {1e6 * spent:.0f} us, map {1e6 * timed(model, beta):.0f} us"
    )


def learned(name, system, steps, samples):
    """Train a model of config/models for so many steps; print its weights, whole and in each sector."""
    settings = {"name": name, **read_yaml(MODELS / f"{name}.yaml")}
    torch.manual_seed(1)
    model, start = build_model(settings, None, system), time.process_time()
    numbers = TrainingSettings(**settings["training"], steps=steps, report_every=max(1, steps // 12))
    with tempfile.TemporaryDirectory() as folder:
        job = {"seed": 1, "checkpoint": Path(folder) / "c", "stamp": "benchmark"}
        weights, curve = train(model, model.examples(None, 1), numbers, **job)
    model.finished(weights, model.examples(None, 1), torch.Generator())
    spent = time.process_time() - start
    print(f"{name}: {spent:.0f} CPU s of training; loss", " ".join(f"{row['loss']:.3f}" for row in curve))
    start = time.process_time()
    drawn = model.eval().sample(samples, torch.Generator().manual_seed(2))
    spent = (time.process_time() - start) / samples
    log_weight = (-system.action(drawn.values) - drawn.log_q).numpy()
    accepted = independence_metropolis(log_weight, np.random.default_rng(2)).acceptance
    (ess, error), (log_z, log_z_error) = effective_fraction(log_weight), minus_log_mean(log_weight)
    print(
        f"  ess {ess:.4f}({1e4 * error:.0f}), accepted {accepted:.4f}, sd ln w {log_weight.std():.4f},"
        f" -ln Z {log_z:.5f}({1e5 * log_z_error:.0f}); {1e6 * spent:.0f} us"
    )
    charge, weight = np.abs(system.view(drawn.values.numpy()).charge), np.exp(log_weight - log_weight.max())
    for sector in range(4):
        inside = charge == sector
        if inside.sum() > 16:
            part = effective_fraction(log_weight[inside])[0]
            share = weight[inside].sum() / weight.sum()
            print(f"  |Q| = {sector}: raw {inside.mean():.4f}, weighted {share:.4f}, ess {part:.3f}")


def timed(model, beta, count=200):
    """CPU time of the map of plaquettes, each."""
    plaquette_map = model.map_of(beta)
    uniform = np.random.default_rng(3).uniform(
        -np.pi, np.pi, (count, model.site_shape[1] * model.site_shape[2])
    )
    start = time.process_time()
    plaquette_map.mapped(uniform)
    return (time.process_time() - start) / count


def main():
    """Print a line for each coupling, lattice and flow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", choices=["sampler", "flows", "learned"])
    parser.add_argument("--betas", type=float, nargs="+", default=[1, 2, 3, 5, 7, 9, 11])
    parser.add_argument("--lengths", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--samples", type=int, default=4000)
    parser.add_argument("--flows", nargs="+", choices=FLOWS, default=FLOWS)
    parser.add_argument("--learned", nargs="+", choices=LEARNED, default=LEARNED)
    parser.add_argument("--rectangle", type=float, default=0.0, help="coupling of 2 x 1 loops of `learned`")
    parser.add_argument("--steps", type=int, default=1800, help="of each training of `learned`")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for beta, length in product(options.betas, options.lengths):
        if options.section == "sampler":
            sampler(beta, length, options.samples)
            continue
        if options.section == "flows":
            for name in options.flows:
                flow(name, beta, length, options.samples)
            continue
        block = {"beta": beta, "rectangle": options.rectangle, "shape": [length, length]}
        for name in options.learned:
            learned(name, from_settings(block), options.steps, options.samples)


if __name__ == "__main__":
    main()
