"""Rule `measure`: observables of every ensemble of an experiment."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from tqdm import tqdm

from emulant.judging.forward import forward_cumulants
from emulant.judging.histograms import Histograms, common_edges
from emulant.judging.measure import measure
from emulant.judging.samples import write_samples
from emulant.observables import applicable
from emulant.storage.atomic import atomic_path
from emulant.storage.tables import write_table
from emulant.systems import open_samples, system_from
from emulant.transport.paths import path_from

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

SHOWN = 4096
TIMES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)


def main(
    ensembles: dict[str, Path],
    observables: Path,
    jackknife: Path,
    distributions: Path,
    forward: Path,
    *,
    experiment: str,
    system: dict,
    names: list[str] | None,
    paths: dict[str, dict],
    seed: int,
) -> None:
    """Measure each source once; write the table, the jackknife samples, histograms and forward cumulants.

    Measured are the observables of the given names, or all that apply to the system where there are none.
    """
    physics = system_from(system)
    wanted = applicable(names, physics)
    tables, samples, histograms = [], {}, []
    with ExitStack() as stack:
        opened = {
            source: stack.enter_context(open_samples(file, physics)) for source, file in ensembles.items()
        }
        shown = opened["reference"].read(0, SHOWN)
        edges = common_edges(physics.view(shown))
        for source, ensemble in tqdm(opened.items(), desc=f"measure {experiment}", unit="ensemble"):
            counts = Histograms(edges)
            result = measure(ensemble, physics, wanted, counts)
            tables.append(result.rows.assign(experiment=experiment, source=source))
            samples[source] = result.jackknife
            histograms.append(counts.rows().assign(source=source))
    write_table(observables, pd.concat(tables, ignore_index=True), "observables")
    write_samples(jackknife, samples)
    named = {name: path_from(path) for name, path in paths.items()}
    with atomic_path(distributions) as temporary:
        pd.concat(histograms, ignore_index=True).to_csv(temporary, index=False)
    with atomic_path(forward) as temporary:
        unit = float((shown.astype(float) ** 2).mean() ** 0.5) if named else 1.0
        forward_cumulants(shown / unit if named else shown, named, TIMES, seed).to_csv(temporary, index=False)


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            {source: Path(file) for source, file in snakemake.input.items()},
            Path(snakemake.output.observables),
            Path(snakemake.output.jackknife),
            Path(snakemake.output.distributions),
            Path(snakemake.output.forward),
            experiment=snakemake.params.experiment,
            system=snakemake.params.system,
            names=snakemake.params.observables,
            paths=snakemake.params.paths,
            seed=snakemake.params.seed,
        )
