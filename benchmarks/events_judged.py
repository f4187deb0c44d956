"""Comparison of generated events with a reference as in the workflow, for benchmarks of models of events."""

from contextlib import ExitStack

import pandas as pd

from emulant.collisions.tables import write_events
from emulant.contracts.source import REFERENCE, Source, of_source
from emulant.forms import open_samples
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.storage.provenance import provenance
from emulant.systems import measured_observables

__all__ = ["judged", "report"]

HEIDI = Source("heidi")


def judged(generated, reference, system, folder, seed):
    """Judge `generated` events by the file `reference`; return the verdict, the comparison and the two-sample tests."""
    files = {REFERENCE: reference, HEIDI: folder / "heidi.parquet"}
    attributes = provenance(system=system.kind, parameters=system.parameters, sampler="heidi", seed=seed)
    write_events(files[HEIDI], generated, attributes)
    tables, samples = [], {}
    with ExitStack() as stack:
        ensembles = {
            source: stack.enter_context(open_samples(file, system)) for source, file in files.items()
        }
        for source, ensemble in ensembles.items():
            measurement = measure(ensemble, system, measured_observables(None, system.kind))
            labels = {"experiment": "benchmark", "model": source.model, "variant": source.variant}
            tables.append(measurement.rows.assign(**labels))
            samples[source] = measurement.jackknife
        judgement = judge(pd.concat(tables, ignore_index=True), samples, ensembles, system)
    verdict = of_source(judgement.verdicts, HEIDI).iloc[0]
    return verdict, of_source(judgement.comparison, HEIDI), of_source(judgement.two_sample, HEIDI)


def report(title, verdict, rows, distances):
    """Print the worst pull, the observables beyond the limit, the mean multiplicity and the two-sample tests."""
    failed = sorted(set(rows.loc[rows["verdict"] == "fail", "observable"]))
    mean = rows[(rows["observable"] == "multiplicity") & (rows["against"] == "reference")].iloc[0]
    shown = distances.drop(columns=["experiment", "model", "variant", "index", "correlated"]).to_string(
        index=False
    )
    print(
        f"{title}: {verdict['worst_observable']} {verdict['worst_pull']:+.1f} (limit {verdict['limit']:.1f})"
    )
    print(f"  beyond it: {', '.join(failed) or 'none'}")
    print(
        f"  <N> = {mean['value']:.1f} +- {mean['error']:.1f}, reference {mean['target']:.1f} +- {mean['target_error']:.1f}"
    )
    print("  " + shown.replace("\n", "\n  "), flush=True)
