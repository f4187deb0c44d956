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
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import torch

from emulant.collisions.system import Collision
from emulant.collisions.tables import write_events
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.models import load_model
from emulant.observables import applicable
from emulant.storage.provenance import provenance
from emulant.storage.records import read_json
from emulant.systems import open_samples


def judged(model, nuclei, impact, options, folder):
    """The verdict's row, the rows of `compare` and the distances at one impact parameter in fm."""
    parameters = nuclei | {"impact": [impact, impact]}
    system, files = Collision(parameters), {"reference": folder / "reference.parquet"}
    settings = {"sampler": "urqmd", "samples": options.events}
    work = {"checkpoint": folder / "shards.npz", "threads": options.workers}
    system.sample_reference(files["reference"], settings=settings, seed=options.seed, **work)
    files["heidi"] = folder / "heidi.parquet"
    made = model.sample(options.generated, torch.Generator().manual_seed(options.seed), impact=impact)
    write_events(
        files["heidi"],
        made,
        provenance(system=system.kind, parameters=parameters, sampler="heidi", seed=options.seed),
    )
    rows, samples = [], {}
    with ExitStack() as stack:
        opened = {name: stack.enter_context(open_samples(file, system)) for name, file in files.items()}
        for name, ensemble in opened.items():
            found = measure(ensemble, system, applicable(None, system))
            rows.append(found.rows.assign(source=name))
            samples[name] = found.jackknife
        found = judge(pd.concat(rows, ignore_index=True), samples, opened, system)
    own = found.verdicts.set_index("source").loc["heidi"]
    comparison = found.comparison[found.comparison["source"] == "heidi"]
    return own, comparison, found.two_sample[found.two_sample["source"] == "heidi"]


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
            own, rows, distances = judged(model, nuclei, impact, options, Path(folder))
        failed = sorted(set(rows.loc[rows["verdict"] == "fail", "observable"]))
        mean = rows[(rows["observable"] == "multiplicity") & (rows["against"] == "reference")].iloc[0]
        print(
            f"b = {impact:g} fm: {own['worst_observable']} {own['worst_pull']:+.1f} (limit {own['limit']:.1f})"
        )
        print(f"  beyond it: {', '.join(failed) or 'none'}")
        print(
            f"  <N> = {mean['value']:.1f} +- {mean['error']:.1f}, UrQMD {mean['target']:.1f} +- {mean['target_error']:.1f}"
        )
        print("  " + distances.to_string(index=False).replace("\n", "\n  "), flush=True)


if __name__ == "__main__":
    main()
