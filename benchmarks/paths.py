"""Effective part of the path sampler by its number of steps, beside annealed importance sampling of the same lattice.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/paths.py --shape 4 4 --levels 12 25 50 --annealing 12 50 200

The default is E2 of 1904.12072 (lambda = 6.008 on 8 x 8); the strip of 2606.13790 is `--shape 64 8 --kappa 0.27
--coupling 0.022`. Models are trained as `config/models/path_sampler.yaml` says, but for the options. Printed are the
effective part and -ln Z of fresh samples, the variance of the work after the levels and at the end with the bound that the
noise sets it (`families/path_sampler/floor.py`), operations of a sample, CPU seconds of training, microseconds of a sample.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from emulant.families.path_sampler.floor import trace_noise
from emulant.families.path_sampler.model import Model
from emulant.plots.format import value_with_error
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.storage.yaml_files import read_yaml
from emulant.systems.phi4.system import Phi4
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.yardsticks import annealed_rows

ROOT = Path(__file__).parent.parent
BATCH = 256
"""Paths of a sample that run together."""


def main():
    """Print a row for each number of levels, then one for each annealing."""
    options = parsed()
    system = Phi4(options.kappa, options.coupling, tuple(options.shape))
    for levels in options.levels:
        print(row_of(system, settings_of(levels, options), options), flush=True)
    if options.annealing:
        start = GaussianStart(torch.from_numpy(np.array(system.inverse_power())))
        annealing = Annealing(start, system.action, system.moved, levels_of(1))
        cost = system.operations_per_move
        for row in annealed_rows(annealing, options.annealing, walkers=256, runs=8, seed=1, cost=cost):
            ess = value_with_error(row["ess"], row["ess_error"])
            log_z = value_with_error(row["minus_log_z"], row["minus_log_z_error"])
            print(
                f"annealing, {row['levels']} levels: effective {ess}, -ln Z {log_z}, {row['operations']:.1e} op"
            )


def parsed():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", type=int, nargs="+", default=[8, 8])
    parser.add_argument("--kappa", type=float, default=0.288482876742)
    parser.add_argument("--coupling", type=float, default=0.5)
    parser.add_argument("--levels", type=int, nargs="*", default=[25, 50, 100])
    parser.add_argument("--annealing", type=int, nargs="*", default=[50, 200, 800], help="numbers of levels")
    parser.add_argument("--samples", type=int, default=4096)
    parser.add_argument("--noise", type=float, help="instead of that of the configuration, as the next ones")
    parser.add_argument("--hats", type=int)
    parser.add_argument("--walkers", type=int)
    parser.add_argument("--paths", type=int, help="fresh ones of a round, and earlier ones")
    parser.add_argument("--polish", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def settings_of(levels, options):
    """The model block of a number of levels."""
    block = read_yaml(ROOT / "config/models/path_sampler.yaml")
    asked = {"noise": options.noise, "hats": options.hats}
    fit = {
        "walkers": options.walkers,
        "paths": options.paths,
        "replay": options.paths,
        "polish": options.polish,
    }
    fit = {key: value for key, value in fit.items() if value is not None}
    asked = {key: value for key, value in asked.items() if value is not None}
    return {**block, **asked, "name": "path_sampler", "levels": levels, "fit": {**block["fit"], **fit}}


def row_of(system, settings, options):
    """Train a model, weigh its samples, and say what it reached."""
    model, carried, losses = Model.build(settings, None, system), {}, []
    begun = time.process_time()
    for number in range(model.rounds):
        generator = torch.Generator().manual_seed(1000 * options.seed + number)
        losses.append(model.fit_round(number, generator, carried)["loss"])
    trained = time.process_time()
    parts = [
        model.sample(BATCH, torch.Generator().manual_seed(seed)).work
        for seed in range(-(-options.samples // BATCH))
    ]
    work = torch.cat(parts).numpy()
    sampled = time.process_time()
    generator = torch.Generator().manual_seed(options.seed)
    with torch.no_grad():
        bound = trace_noise(model.paths, model.start.sample(BATCH, generator), generator)
    ess, log_z = value_with_error(*effective_fraction(-work)), value_with_error(*minus_log_mean(-work))
    first = losses[settings["levels"]] if len(losses) > settings["levels"] else work.var()
    return (
        f"{settings['levels']} levels: effective {ess}, -ln Z {log_z}, Var W {first:.3f} -> {work.var():.4f}"
        f" (bound {bound:.4f}), {model.operations:.1e} op, {trained - begun:.1f} CPU s,"
        f" {1e6 * (sampled - trained) / len(work):.0f} us"
    )


if __name__ == "__main__":
    main()
