"""Count configurations of a trained model of heights that break the conservation of flux at any site.

    OMP_NUM_THREADS=1 python benchmarks/worldlines.py results/laptop/worldlines_plane/height_autoregressive --samples 1000000

Chemical potentials are taken in turn. The CPU time of a configuration stands beside that of an update of one chain of worms
and of one of plaquettes and lines at the largest of them, which take turns with the model.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from emulant.families import load_model
from emulant.storage.records import read_json
from emulant.systems import system_from
from emulant.worldlines.chains import DualChains, DualMoves, starts, worms_of
from emulant.worldlines.dual import divergence, split

BATCH = 8192
CHAINS = 16


def main():
    """Draw, count and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1, help="of the model's random numbers")
    parser.add_argument("--mus", type=float, nargs="+", default=[0.5, 0.8, 1.0, 1.2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    record = read_json(options.folder / "model.json")
    parameters = json.loads(record["provenance"]["parameters"]) | {"mu": max(options.mus)}
    system = system_from({"kind": record["provenance"]["system"], **parameters})
    model, generator = load_model(options.folder, system), torch.Generator().manual_seed(options.seed)
    dual, _ = starts(system.gas.shape, CHAINS, np.random.default_rng(1))
    chains = DualChains(dual, system.weights, seed=1)
    moves = {"worms": DualMoves(worms=worms_of(system.gas)), "plaquettes and lines": DualMoves(loops=1)}
    spent, counts = dict.fromkeys(["configuration", *moves], 0.0), dict.fromkeys(["configuration", *moves], 0)
    for move in moves.values():
        chains.advance(move, 20)
    broken, number = 0, 0
    while counts["configuration"] < options.samples:
        begun = time.process_time()
        mu = options.mus[number % len(options.mus)]
        drawn = model.sample(min(BATCH, options.samples - counts["configuration"]), generator, {"mu": mu})
        spent["configuration"] += time.process_time() - begun
        counts["configuration"] += len(drawn.values)
        broken += int(divergence(split(drawn.values.numpy()).flux).any((1, 2)).sum())
        for name, move in moves.items():
            begun = time.process_time()
            chains.advance(move, 4)
            spent[name] += time.process_time() - begun
            counts[name] += 4 * CHAINS
        number += 1
    print(f"{broken} of {counts['configuration']} configurations break conservation")
    for name, count in counts.items():
        print(f"{name}: {1e6 * spent[name] / count:.0f} us of CPU")


if __name__ == "__main__":
    main()
