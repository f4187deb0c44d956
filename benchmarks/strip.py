"""Stochastic flow by its number of levels: effective part, both estimates of ln Z, entropy production and Crooks' slope.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/strip.py --levels 10 25 50

The default is the strip of 2606.13790, 64 x 8 at kappa = 0.27 and lambda = 0.022; E2 of 1904.12072 is `--shape 8 8 --kappa
0.288482876742 --coupling 0.5`. Backward paths begin at fields in equilibrium: the Gaussian of the gap equation, moved
`--moves` times by Hybrid Monte Carlo with two clusters. <exp(-Sigma)> = 1 holds where both estimates of -ln Z agree;
printed beside it is <exp(-Sigma)> of the forward paths with ln Z of the backward ones. `--annealing` adds rows without maps,
several values of `--kappa` are a scan, `--phases 2` begins with a Gaussian about each mean,
`--phases domains` with one about each pattern of both along the first axis.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from emulant.families._work import work_of, work_record
from emulant.families.stochastic_flow.model import Model
from emulant.plots.format import value_with_error
from emulant.randomness.seeds import job_seed
from emulant.scalar.starts import DOMAINS
from emulant.storage.yaml_files import read_yaml
from emulant.systems.phi4.system import Phi4
from emulant.transport.annealing import untransported
from emulant.transport.independence import independence_metropolis

COLUMNS = (
    "κ",
    "levels",
    "fit, CPU s",
    "effective part",
    "backward",
    "−ln Z",
    "backward −ln Z",
    "⟨e^{−Σ}⟩",
    "⟨Σ⟩",
    "Crooks' slope",
    "accepted",
)
BLOCK = Path(__file__).parent.parent / "config/models/stochastic_flow.yaml"


def main():
    """Print a row for each number of levels."""
    options = parsed()
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    for kappa in options.kappa:
        system = Phi4(kappa, options.coupling, tuple(options.shape))
        for levels, trained in [(n, True) for n in options.levels] + [(n, False) for n in options.annealing]:
            print(row_of(system, levels, trained, options), flush=True)


def parsed():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", type=int, nargs="+", default=[64, 8])
    parser.add_argument("--kappa", type=float, nargs="+", default=[0.27])
    parser.add_argument("--coupling", type=float, default=0.022)
    parser.add_argument("--phases", type=lambda name: name if name == DOMAINS else int(name), default=1)
    parser.add_argument("--levels", type=int, nargs="*", default=[10, 25, 50])
    parser.add_argument("--annealing", type=int, nargs="*", default=[], help="levels without maps")
    parser.add_argument(
        "--power", type=float, help="p of t = (k/n)^p with maps, if not that of config/models"
    )
    parser.add_argument("--samples", type=int, default=4096, help="paths in each direction")
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@torch.no_grad()
def row_of(system, levels, trained, options):
    """Fit the maps of a number of levels, or leave them out, and run paths both ways."""
    settings = {**read_yaml(BLOCK), "levels": levels, "phases": options.phases}
    settings["power"] = (options.power or settings["power"]) if trained else 1.0
    model = Model.build(settings, None, system)
    spent = fitted(model, options.seed) if trained else 0.0
    latents = model.start.sample(options.samples, generator_of(options.seed, "latents"))
    ahead = work_of(paths_of(model, trained).forward, latents, job_seed(options.seed, "forward"), model)
    fields = torch.from_numpy(equilibrium(system, model, options))
    back = work_of(paths_of(model, trained).backward, fields, job_seed(options.seed, "backward"), model)
    record = work_record(ahead, back, model)
    pairs = ("ess", "minus_log_z", "backward_minus_log_z", "unity", "entropy_production", "crooks_slope")
    ess, ln_z, opposite, unity, entropy, slope = (
        value_with_error(record[name], record[f"{name}_error"]) for name in pairs
    )
    chain = independence_metropolis(-ahead.sum(1), np.random.default_rng(options.seed))
    numbers = (ess, f"{record['backward_ess']:.3f}", ln_z, opposite, unity, entropy, slope)
    head = (f"{system.kappa:g}", f"{levels}" if trained else f"{levels}, no maps", f"{spent:.1f}")
    return f"| {' | '.join([*head, *numbers, f'{chain.acceptance:.3f}'])} |"


def paths_of(model, trained):
    """The paths of a model, or those of its levels and moves alone."""
    return model.paths if trained else replace(model.paths, transport=untransported)


def equilibrium(system, model, options):
    """Fields of exp(-S) that no model made."""
    fields = model.start.sample(options.samples, generator_of(options.seed, "start")).numpy()
    for number in range(options.moves):
        fields = system.moved(fields, 1.0, job_seed(options.seed, "moves", str(number)))
    return fields


def fitted(model, seed):
    """Fit the maps of all levels; returns the CPU seconds."""
    carried, begun = {}, time.process_time()
    for number in range(model.rounds):
        model.fit_round(number, generator_of(seed, f"round {number}"), carried)
    return time.process_time() - begun


def generator_of(seed, purpose):
    """Random numbers of one purpose."""
    return torch.Generator().manual_seed(job_seed(seed, purpose))


if __name__ == "__main__":
    main()
