"""What models recover of a charge separation where samples differ in the cross section of partons, which nobody tells them.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/cross_sections.py --samples 480 --judged 64 --steps 200

Training samples have cross sections and separations from ranges, those of `cme_cross_sections`; judged are the ends and the
middle of the former. Own kinetic surrogate, not AMPT. Errors are of means over samples.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from emulant.contracts.family import HasRounds
from emulant.families import build_model
from emulant.statistics.regression import slope_of
from emulant.storage.pairs import Pairs
from emulant.storage.yaml_files import read_yaml
from emulant.systems.charge_transport.answers import answer, floor_of
from emulant.systems.charge_transport.robustness import made_pairs
from emulant.systems.charge_transport.system import from_settings

EXPERIMENT = Path(__file__).parents[1] / "config/experiments/cme_cross_sections.yaml"
NETWORK = {"channels": 8, "embedding": 16}
MODELS = ("survival_ratio", "ridge_unfolding", "bilinear_unfolding", "unfolding_direct")
RATE, BATCH = 1e-3, 64


def tensors(pairs):
    """The same pairs as training reads them."""
    conditions = {name: torch.from_numpy(values) for name, values in pairs.conditions.items()}
    return Pairs(torch.from_numpy(pairs.inputs), torch.from_numpy(pairs.outputs), conditions)


def trained(name, data, system, steps):
    """A model of the family, fitted or by Adam."""
    model = build_model({"name": name, "family": name, "network": NETWORK}, data, system)
    generator = torch.Generator().manual_seed(1)
    if isinstance(model, HasRounds):
        model.fit_round(0, generator, {})
        return model.eval()
    rows = model.examples(data, 0).rows
    optimiser = torch.optim.Adam(model.network.parameters(), lr=RATE)
    for _ in range(steps):
        chosen = torch.randint(len(rows[0]), (BATCH,), generator=generator)
        optimiser.zero_grad()
        model.loss(tuple(part[chosen] for part in rows), generator).backward()
        optimiser.step()
    return model.eval()


def main():
    """Make samples, train, and print a line for each model and cross section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("samples", 480), ("judged", 64), ("steps", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    block = read_yaml(EXPERIMENT)["system"]
    low, high = block["parton_cross_section"]
    system, start = from_settings(block), time.process_time()
    data = tensors(made_pairs(system, arguments.samples, 11))
    judged = {
        size: made_pairs(
            from_settings(block | {"parton_cross_section": size}), arguments.judged, int(1e3 * size)
        )
        for size in (low, (low + high) / 2, high)
    }
    print(f"samples: {time.process_time() - start:.0f} s of CPU")
    for size, pairs in judged.items():
        print(f"sigma {size:.3g} fm^2: floor {floor_of(pairs):.4f}, were it told the cross section")
    for name in MODELS:
        model, everything = trained(name, data, system, arguments.steps), []
        for size, pairs in judged.items():
            f, generator = pairs.conditions["separation"], torch.Generator().manual_seed(2)
            estimate = answer(model, pairs, generator, "mean").conditions["separation"]
            everything.append(estimate - f)
            slope, error = slope_of(f, estimate)
            print(
                f"{name}, sigma {size:.3g} fm^2: slope {slope:.3f} +- {error:.3f},"
                f" rmse {np.sqrt(np.mean((estimate - f) ** 2)):.4f}"
            )
        print(f"{name}: rmse over all {np.sqrt(np.mean(np.square(everything))):.4f}")


if __name__ == "__main__":
    main()
