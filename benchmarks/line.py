"""Flows along the line of constant L / xi (arXiv:1904.12072, 2207.00283): effective part against the number of sites.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/line.py --lattices 8 14 20 --seeds 1 2 --figure line.png

Each lattice is fitted as `config/experiments/phi4_line_<L>.yaml` says. Printed are CPU seconds of the fit, the effective
part of fresh samples and of fields in equilibrium (the Gaussian of the gap equation, moved `--moves` times by Hybrid Monte
Carlo with two clusters), -ln Z by both, and how far ln w moves with 2 and 4 times the steps, in errors of ln Z. `--weights
FOLDER` keeps what was fitted and takes it from there. The line through all lattices is -ln(ESS) = c V^p.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from emulant.contracts.source import Source
from emulant.families.ridge_flow.model import Model
from emulant.plots.carried import lattices
from emulant.plots.format import value_with_error
from emulant.randomness.seeds import job_seed
from emulant.statistics.weights import effective_fraction, forward_fraction, minus_log_mean
from emulant.storage.yaml_files import read_yaml
from emulant.systems.phi4.system import Phi4

CONFIG = Path(__file__).parent.parent / "config"
BATCH = 512
REFINED = 256
"""Samples that are repeated with more steps: the shift of ln w is the same noise, so that few tell it."""


def main():
    """Print a row for each lattice and seed, then the line through them."""
    options = parsed()
    print(
        "| L | seed | CPU s | effective | forward | −ln Z | forward −ln Z | shift at 2, 4 times the steps |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    rows = [row_of(side, seed, options) for side in options.lattices for seed in options.seeds]
    table = pd.DataFrame(rows).groupby("sites", as_index=False).mean()
    if len(table) > 1:
        slope, offset = np.polyfit(np.log(table["sites"]), np.log(-np.log(table["ess"])), 1)
        print(f"-ln(ESS) = {np.exp(offset):.2g} V^{slope:.2f}")
    if options.figure:
        lattices({Source("ridge_flow"): table.assign(rounds=1)}, ["ridge_flow"]).savefig(options.figure)


def parsed():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lattices", type=int, nargs="+", default=[8, 14, 20])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--samples", type=int, default=10240)
    parser.add_argument("--references", type=int, default=1024, help="fields in equilibrium")
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--weights", type=Path, help="folder of weights")
    parser.add_argument("--figure", type=Path)
    return parser.parse_args()


@torch.no_grad()
def row_of(side, seed, options):
    """Fit a lattice, or take its weights, and weigh the flow."""
    experiment = read_yaml(CONFIG / f"experiments/phi4_line_{side}.yaml")
    block = experiment["system"]
    system = Phi4(block["kappa"], block["lambda"], tuple(block["shape"]))
    model, spent = fitted(Model.build(settings_of(experiment), None, system), side, seed, options)
    steps = model.settings["generation"]["steps"]
    drawn = [weights(model, steps, count, seed, n) for n, count in enumerate(batches(options.samples))]
    log_weight = np.concatenate(drawn)
    ess, log_z = effective_fraction(log_weight), minus_log_mean(log_weight)
    few = [
        weights(model, factor * steps, REFINED, seed, 0).mean() - drawn[0][:REFINED].mean()
        for factor in (2, 4)
    ]
    opposite = reference_weights(model, system, seed, options)
    forward, back = forward_fraction(opposite), minus_log_mean(-opposite)
    numbers = (ess, forward, log_z, (-back[0], back[1]))
    columns = [f"{spent:.0f}", *(value_with_error(*number) for number in numbers)]
    shifts = ", ".join(f"{shift / log_z[1]:.2f}" for shift in few)
    print(f"| {side} | {seed} | {' | '.join(columns)} | {shifts} |", flush=True)
    return {"sites": system.volume, "ess": ess[0], "ess_error": ess[1]}


def settings_of(experiment):
    """The block of config/models with what the experiment changes."""
    (block,) = [m for m in map(as_block, experiment["models"]) if m["name"] == "ridge_flow"]
    settings = read_yaml(CONFIG / "models/ridge_flow.yaml")
    return settings | block | {part: settings[part] | block.get(part, {}) for part in ("fit", "generation")}


def as_block(model):
    """A model by its name alone, or with what is changed."""
    return {"name": model} if isinstance(model, str) else model


def fitted(model, side, seed, options):
    """Fit in all rounds, unless the folder has weights; returns the model and the CPU seconds."""
    file = options.weights and options.weights / f"{side}_{seed}.pt"
    if file and file.exists():
        model.network.load_state_dict(torch.load(file, weights_only=True))
        return model, float("nan")
    begun = time.process_time()
    for number in range(model.rounds):
        generator = torch.Generator().manual_seed(job_seed(seed, "round", str(number)))
        model.fit_round(number, generator, {})
    spent = time.process_time() - begun
    if file:
        torch.save(model.network.state_dict(), file)
    return model, spent


def batches(count):
    """Sizes of batches."""
    return [min(BATCH, count - first) for first in range(0, count, BATCH)]


def weights(model, steps, count, seed, number):
    """Ln w of fresh samples, (count,)."""
    generator = torch.Generator().manual_seed(job_seed(seed, "samples", str(number)))
    fields, log_q = model.drawn(count, generator, steps)
    return (-model.system.action(fields.double()) - log_q).numpy()


def reference_weights(model, system, seed, options):
    """Ln w of fields in equilibrium that no flow made."""
    generator = torch.Generator().manual_seed(job_seed(seed, "start"))
    moved = model.start.sample(options.references, generator).numpy()
    for number in range(options.moves):
        moved = system.moved(moved, 1.0, job_seed(seed, "moves", str(number)))
    fields = torch.from_numpy(moved)
    log_q = torch.cat([model.log_density(part) for part in fields.split(BATCH)])
    return (-system.action(fields.double()) - log_q).numpy()


if __name__ == "__main__":
    main()
