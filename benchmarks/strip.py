"""Stochastic flow by its number of levels: effective part, both estimates of ln Z, entropy production and Crooks' slope.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/strip.py --levels 10 25 50

The default is the strip of 2606.13790, 64 x 8 at kappa = 0.27 and lambda = 0.022; E2 of 1904.12072 is `--shape 8 8 --kappa
0.288482876742 --coupling 0.5`. Backward paths begin at fields in equilibrium: the Gaussian of the gap equation, moved
`--moves` times by Hybrid Monte Carlo with two clusters. <exp(-Sigma)> = 1 holds where both estimates of -ln Z agree.
"""

import argparse
import time
from pathlib import Path

import torch

from emulant.families._work import work_of, work_record
from emulant.families.stochastic_flow.model import Model
from emulant.plots.format import value_with_error
from emulant.randomness.seeds import job_seed
from emulant.storage.yaml_files import read_yaml
from emulant.systems.phi4.system import Phi4

BLOCK = Path(__file__).parent.parent / "config/models/stochastic_flow.yaml"


def main():
    """Print a row for each number of levels."""
    options = parsed()
    system = Phi4(options.kappa, options.coupling, tuple(options.shape))
    names = ("levels", "CPU s", "effective", "backward", "−ln Z", "backward −ln Z", "⟨Σ⟩", "Crooks' slope")
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")
    for levels in options.levels:
        print(row_of(system, levels, options), flush=True)


def parsed():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", type=int, nargs="+", default=[64, 8])
    parser.add_argument("--kappa", type=float, default=0.27)
    parser.add_argument("--coupling", type=float, default=0.022)
    parser.add_argument("--levels", type=int, nargs="+", default=[10, 25, 50])
    parser.add_argument("--samples", type=int, default=4096, help="paths in each direction")
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@torch.no_grad()
def row_of(system, levels, options):
    """Fit the maps of a number of levels and run paths both ways."""
    model, spent = fitted(system, levels, options.seed)
    latents = model.start.sample(options.samples, generator_of(options.seed, "latents"))
    fields = model.start.sample(options.samples, generator_of(options.seed, "start")).numpy()
    for number in range(options.moves):
        fields = system.moved(fields, 1.0, job_seed(options.seed, "moves", str(number)))
    ahead = work_of(model.paths.forward, latents, job_seed(options.seed, "forward"), model)
    fields = torch.from_numpy(fields)
    back = work_of(model.paths.backward, fields, job_seed(options.seed, "backward"), model)
    record = work_record(ahead, back, model)
    pairs = ("ess", "minus_log_z", "backward_minus_log_z", "entropy_production", "crooks_slope")
    ess, ahead, back, entropy, slope = (
        value_with_error(record[name], record[f"{name}_error"]) for name in pairs
    )
    return f"| {levels} | {spent:.1f} | {ess} | {record['backward_ess']:.3f} | {ahead} | {back} | {entropy} | {slope} |"


def fitted(system, levels, seed):
    """Fit the maps of all levels; returns the model and the CPU seconds."""
    model, carried = Model.build({**read_yaml(BLOCK), "levels": levels}, None, system), {}
    begun = time.process_time()
    for number in range(model.rounds):
        model.fit_round(number, generator_of(seed, f"round {number}"), carried)
    return model, time.process_time() - begun


def generator_of(seed, purpose):
    """Random numbers of one purpose."""
    return torch.Generator().manual_seed(job_seed(seed, purpose))


if __name__ == "__main__":
    main()
