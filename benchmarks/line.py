"""Flows along the line of constant L / xi (arXiv:1904.12072, 2207.00283): effective part against the number of sites.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/line.py --lattices 8 14 20 --seeds 1 2

Each lattice is fitted as `config/experiments/phi4_line_<L>.yaml` says, after the one whose weights it begins with.
Printed are CPU seconds of the fit, the effective part of fresh samples and of fields in equilibrium (the Gaussian of
the gap equation, moved `--moves` times by Hybrid Monte Carlo with two clusters), -ln Z by both, and how far ln w
moves with 2 and 4 times the steps, in errors of ln Z. `--weights FOLDER` keeps what was fitted and takes it from
there. tau is that of |M|: of the chain whose proposals are the samples, of Hybrid Monte Carlo alone, and with a
cluster after each trajectory. Rows go to docs/line.csv, in place of those of the same lattice and seed;
`benchmarks/line_figure.py` draws them with the line -ln(ESS) = c V^p.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from emulant.families.ridge_flow.model import Model
from emulant.lattice.sampler import Chains
from emulant.lattice.trajectory import Trajectory
from emulant.plots.format import value_with_error
from emulant.randomness.seeds import job_seed
from emulant.statistics.autocorrelation import gamma_mean
from emulant.statistics.weights import effective_fraction, forward_fraction, minus_log_mean
from emulant.storage.yaml_files import read_yaml
from emulant.systems.phi4.system import Phi4
from emulant.transport.independence import independence_metropolis

ROOT = Path(__file__).parent.parent
LINE = "phi4_line_{}"
TABLE = ROOT / "docs/line.csv"
BATCH = 512
CHAINS, FORCES, ADVANCE = 16, 8, 0.12
"""Of Hybrid Monte Carlo: a trajectory has length 1, and 0.9 of them are accepted on 32 sites squared."""
LENGTH = 8
"""Trajectories behind tau_int for each site of a side squared: some 40 tau_int of Hybrid Monte Carlo alone."""
MEASURED = {
    "effective": "effective part",
    "forward": "forward",
    "minus_log_z": "−ln Z",
    "forward_minus_log_z": "forward −ln Z",
    "tau_flow": "τ, flow",
    "tau_hmc": "τ, HMC",
    "tau_clusters": "τ, with clusters",
}
"""Columns that have an error, and their heads."""
HEAD = ("L", "seed", "samples", "fit, CPU s", *MEASURED.values(), "shift at 2, 4 times the steps", "accepted")


def main():
    """Print a row for each lattice and seed, and add it to the table."""
    options = parsed()
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    for name in [options.experiment] if options.experiment else map(LINE.format, options.lattices):
        for seed in options.seeds:
            row = row_of(name, seed, options)
            print(f"| {' | '.join(told(row))} |", flush=True)
            if not options.experiment:
                write(row)


def told(row):
    """A row in words."""
    numbers = [value_with_error(row[name], row[f"{name}_error"]) for name in MEASURED]
    head = [str(row[name]) for name in ("L", "seed", "samples", "cpu_seconds")]
    return [*head, *numbers, f"{row['shift_2']:.2f}, {row['shift_4']:.2f}", f"{row['accepted']:.3f}"]


def write(row):
    """Put a row into the table, in place of that of the same lattice and seed."""
    table = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame(columns=["L", "seed"])
    others = table[(table["L"] != row["L"]) | (table["seed"] != row["seed"])]
    both = pd.concat([others, pd.DataFrame([row])]) if len(others) else pd.DataFrame([row])
    both.sort_values(["L", "seed"]).to_csv(TABLE, index=False)


def parsed():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experiment", help="another one with a ridge_flow, of which no row is written")
    parser.add_argument("--lattices", type=int, nargs="+", default=[8, 14, 20])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--samples", type=int, default=10240)
    parser.add_argument("--references", type=int, default=1024, help="fields in equilibrium")
    # The shift of ln w is the same noise, so that few tell it.
    parser.add_argument("--refined", type=int, default=256, help="samples that are repeated with more steps")
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--weights", type=Path, help="folder of weights")
    return parser.parse_args()


@torch.no_grad()
def row_of(name, seed, options):
    """Fit the flow of an experiment, or take its weights, and weigh it."""
    model, spent = flow_of(name, seed, options)
    system, side = model.system, model.site_shape[0]
    steps = model.settings["generation"]["steps"]
    drawn = [weights(model, steps, count, seed, n) for n, count in enumerate(batches(options.samples))]
    means, log_weight = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    log_z, few = minus_log_mean(log_weight), options.refined
    shifts = {
        f"shift_{factor}": (weights(model, factor * steps, few, seed, 0)[1] - log_weight[:few]).mean()
        / log_z[1]
        for factor in (2, 4)
    }
    opposite = reference_weights(model, system, seed, options)
    back = minus_log_mean(-opposite)
    chain = independence_metropolis(log_weight, np.random.default_rng(seed))
    numbers = {
        "effective": effective_fraction(log_weight),
        "forward": forward_fraction(opposite),
        "minus_log_z": log_z,
        "forward_minus_log_z": (-back[0], back[1]),
        "tau_flow": tau_of([np.abs(means[chain.index])]),
        **{f"tau_{name}": hybrid_tau(system, n, seed) for name, n in (("hmc", 0), ("clusters", 1))},
    }
    columns = {name: number[0] for name, number in numbers.items()}
    errors = {f"{name}_error": number[1] for name, number in numbers.items()}
    head = {"L": side, "seed": seed, "samples": options.samples, "cpu_seconds": round(spent, 1)}
    return head | columns | errors | shifts | {"accepted": chain.acceptance}


def tau_of(series):
    """tau_int of chains and its error."""
    mean = gamma_mean(series)
    return mean.tau_int, mean.tau_int / np.sqrt(mean.dof / 2)


def hybrid_tau(system, clusters, seed):
    """tau_int of |M| in trajectories of Hybrid Monte Carlo, with clusters or without."""
    fields = np.random.default_rng(seed).standard_normal((CHAINS, *system.site_shape)).astype(np.float32)
    chains = Chains(system.site_shape, system.kappa, system.coupling, fields, seed=seed)
    update, count = Trajectory(FORCES, ADVANCE, clusters=clusters), LENGTH * system.volume // 4
    chains.advance(update, count // 4)
    series = []
    for _ in range(count):
        chains.advance(update)
        series.append(np.abs(chains.averages().order_parameter))
    return tau_of([*np.stack(series, axis=1)])


def settings_of(experiment):
    """The block of config/models with what the experiment changes."""
    (block,) = [m for m in map(as_block, experiment["models"]) if m["name"] == "ridge_flow"]
    settings = read_yaml(ROOT / "config/models/ridge_flow.yaml")
    return settings | block | {part: settings[part] | block.get(part, {}) for part in ("fit", "generation")}


def as_block(model):
    """A model by its name alone, or with what is changed."""
    return {"name": model} if isinstance(model, str) else model


def flow_of(name, seed, options):
    """The fitted flow of an experiment and the CPU seconds that it took, not a number where the folder has its weights."""
    experiment = read_yaml(ROOT / f"config/experiments/{name}.yaml")
    block = experiment["system"]
    system = Phi4(block["kappa"], block["lambda"], tuple(block["shape"]))
    model = Model.build(settings_of(experiment), None, system)
    file = options.weights and options.weights / f"{name}_{seed}.pt"
    if file and file.exists():
        model.network.load_state_dict(torch.load(file, weights_only=True))
        return model, float("nan")
    if earlier := model.settings.get("starts_from"):
        begin, _ = flow_of(earlier["experiment"], seed, options)
        model.network.load_state_dict(begin.network.state_dict())
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
    """|M| and ln w of fresh samples, (count,)."""
    generator = torch.Generator().manual_seed(job_seed(seed, "samples", str(number)))
    fields, log_q = model.drawn(count, generator, steps)
    log_weight = -model.system.action(fields.double()) - log_q
    return np.abs(model.system.odd(fields.numpy())), log_weight.numpy()


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
