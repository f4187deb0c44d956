"""Quality of a model of events between and at the impact parameters of its training.

    snakemake --config scale=laptop -- results/laptop/au_au_impact/comparison.csv
    OMP_NUM_THREADS=1 python benchmarks/impact.py results/laptop/au_au_impact/heidi --events 200 --workers 2

At each impact parameter events of the model are judged as in the workflow by new events of UrQMD. Printed are the worst pull
of all observables with the limit for so many tests, the observables beyond it, the area under the curve of the classifier
of events with its null, and the mean multiplicity.
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
from events_judged import judged, report

from emulant.families import load_model
from emulant.storage.records import read_json
from emulant.systems import samplers_of
from emulant.systems.collision.system import Collision


def at(model, nuclei, impact, options, folder):
    """Judge a model at one impact parameter in fm; return as `judged`."""
    system, reference = Collision(nuclei | {"impact": [impact, impact]}), folder / "reference.parquet"
    settings = {"sampler": "urqmd", "samples": options.events}
    work = {"checkpoint": folder / "shards.npz", "threads": options.workers}
    samplers_of(system.kind)["urqmd"](system, reference, settings=settings, seed=options.seed, **work)
    generator = torch.Generator().manual_seed(options.seed)
    events = model.sample(options.generated, generator, {"impact": impact}).values
    return judged(events, reference, system, folder, options.seed)


def main():
    """Judge the model at every impact parameter and print the results."""
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
