"""Generated events judged as in the workflow, for the benchmarks of models of events."""

from contextlib import ExitStack

import pandas as pd

from emulant.collisions.tables import write_events
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.observables import applicable
from emulant.storage.provenance import provenance
from emulant.systems import open_samples

__all__ = ["judged", "report"]


def judged(made, reference, system, folder, seed):
    """The verdict's row, the rows of `compare` and the distances of events `made` against those in a file `reference`."""
    files = {"reference": reference, "heidi": folder / "heidi.parquet"}
    attributes = provenance(system=system.kind, parameters=system.parameters, sampler="heidi", seed=seed)
    write_events(files["heidi"], made, attributes)
    rows, samples = [], {}
    with ExitStack() as stack:
        opened = {name: stack.enter_context(open_samples(file, system)) for name, file in files.items()}
        for name, ensemble in opened.items():
            found = measure(ensemble, system, applicable(None, system))
            rows.append(found.rows.assign(source=name))
            samples[name] = found.jackknife
        found = judge(pd.concat(rows, ignore_index=True), samples, opened, system)
    own = found.verdicts.set_index("source").loc["heidi"]
    tables = (table[table["source"] == "heidi"] for table in (found.comparison, found.two_sample))
    return own, *tables


def report(title, own, rows, distances):
    """Print the worst pull, observables beyond the limit, the mean number of particles and the distances."""
    failed = sorted(set(rows.loc[rows["verdict"] == "fail", "observable"]))
    mean = rows[(rows["observable"] == "multiplicity") & (rows["against"] == "reference")].iloc[0]
    shown = distances.drop(columns=["source", "index", "correlated"]).to_string(index=False)
    print(f"{title}: {own['worst_observable']} {own['worst_pull']:+.1f} (limit {own['limit']:.1f})")
    print(f"  beyond it: {', '.join(failed) or 'none'}")
    print(
        f"  <N> = {mean['value']:.1f} +- {mean['error']:.1f}, reference {mean['target']:.1f} +- {mean['target_error']:.1f}"
    )
    print("  " + shown.replace("\n", "\n  "), flush=True)
