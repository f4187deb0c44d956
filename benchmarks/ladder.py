"""The ladder of PDEs as a solver: susceptibility of generated fields before and after Metropolis-adjusted Langevin steps.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/ladder.py --side 16 --kappa 0.24

The error that is left is told by the weights of the fields themselves (study `closure` of `layerwise_potential`), and beside
it stands the susceptibility of independent walkers of Hybrid Monte Carlo with clusters, `--moves` after the Gaussian.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from emulant.contracts.study import StudyInputs
from emulant.families.layerwise_potential.model import Model
from emulant.families.layerwise_potential.studies import studies
from emulant.plots.format import value_with_error
from emulant.randomness.seeds import job_seed
from emulant.storage.yaml_files import read_yaml
from emulant.systems.phi4.system import Phi4

BLOCK = Path(__file__).parent.parent / "config/models/layerwise_potential.yaml"


def main():
    """Print the rows of the study, and the walkers' susceptibility."""
    options = parsed()
    system = Phi4(options.kappa, options.coupling, (options.side, options.side))
    settings = {**read_yaml(BLOCK), "name": "layerwise_potential"}
    settings["generation"] = settings["generation"] | {"samples": options.samples}
    model, begun = Model.build(settings, None, system), time.process_time()
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(job_seed(options.seed, f"{number}")), {})
    print(f"fit: {time.process_time() - begun:.1f} CPU s")
    inputs = StudyInputs({"steps": options.steps}, options.seed, None, {"model": model})
    result = studies["closure"](system, inputs)
    for row in result.table.to_dict("records"):
        value, bias = (value_with_error(row[name], row[error]) for name, error in PAIRS)
        relative = f"{100 * row['bias'] / row['value']:.4f} %"
        print(
            f"{row['variant']}, {row['steps']} steps: {row['quantity']} {value}, wrong by {bias}, {relative}"
        )
    print("walkers: susceptibility", walkers(system, model, options))


PAIRS = (("value", "error"), ("bias", "bias_error"))


def walkers(system, model, options):
    """V<M^2> of independent fields in equilibrium."""
    generator = torch.Generator().manual_seed(job_seed(options.seed, "walkers"))
    fields = model.start.sample(options.walkers, generator).numpy()
    for number in range(options.moves):
        fields = system.moved(fields, 1.0, job_seed(options.seed, "moves", str(number)))
    values = system.volume * system.odd(fields) ** 2
    return value_with_error(values.mean(), values.std() / np.sqrt(len(values)))


def parsed():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=16)
    parser.add_argument("--kappa", type=float, default=0.24)
    parser.add_argument("--coupling", type=float, default=0.022)
    parser.add_argument("--samples", type=int, default=8192)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--walkers", type=int, default=32768)
    parser.add_argument("--moves", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
