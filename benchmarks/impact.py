"""Is a model of events as good between the impact parameters of its training as at them?

    snakemake --config scale=laptop -- results/laptop/au_au_impact/comparison.csv
    OMP_NUM_THREADS=1 python benchmarks/impact.py results/laptop/au_au_impact/heidi --events 200 --workers 2

The model makes events at each impact parameter, and UrQMD makes new ones, which no training saw; they are judged as in the
workflow. Worst pull of all observables with the limit for so many tests, observables beyond it, the area under the curve
of the classifier of events beside its null, and the mean number of particles.
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
from events_judged import judged, report

from emulant.collisions.system import Collision
from emulant.models import load_model
from emulant.storage.records import read_json


def at(model, nuclei, impact, options, folder):
    """What `judged` returns for a model at one impact parameter in fm."""
    system, reference = Collision(nuclei | {"impact": [impact, impact]}), folder / "reference.parquet"
    settings = {"sampler": "urqmd", "samples": options.events}
    work = {"checkpoint": folder / "shards.npz", "threads": options.workers}
    system.sample_reference(reference, settings=settings, seed=options.seed, **work)
    made = model.sample(options.generated, torch.Generator().manual_seed(options.seed), impact=impact)
    return judged(made, reference, system, folder, options.seed)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="folder of a trained heidi")
    parser.add_argument("--impacts", type=float, nargs="+", default=[3.0, 4.0, 5.0], help="in fm")
    parser.add_argument("--events", type=int, default=200, help="of UrQMD at each")
    parser.add_argument("--generated", type=int, default=1000, help="of the model at each")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    model = load_model(options.model)
    nuclei = json.loads(read_json(options.model / "model.json")["provenance"]["parameters"])
    for impact in options.impacts:
        with tempfile.TemporaryDirectory() as folder:
            report(f"b = {impact:g} fm", *at(model, nuclei, impact, options, Path(folder)))


if __name__ == "__main__":
    main()
