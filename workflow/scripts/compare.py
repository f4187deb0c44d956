"""Rule `compare`: every source against the reference, exact values and published ones."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from emulant.judging.judge import judge
from emulant.judging.samples import read_samples
from emulant.storage.atomic import atomic_path
from emulant.storage.tables import read_table, write_table
from emulant.systems import open_samples, system_from

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    ensembles: dict[str, Path],
    observables: Path,
    jackknife: Path,
    published: list[Path],
    exact: list[Path],
    comparison: Path,
    verdict: Path,
    two_sample: Path,
    *,
    experiment: str,
    system: dict,
    yardsticks: list[str],
    seed: int,
) -> None:
    """Judge the experiment and write its three tables.

    `exact` are tables of a simulation from which the system reads its exact values, with their errors.
    """
    physics = system_from(system)
    known = physics.exact_values()
    for table in exact:
        known += physics.simulated_values(pd.read_csv(table))
    with ExitStack() as stack:
        opened = {
            source: stack.enter_context(open_samples(file, physics)) for source, file in ensembles.items()
        }
        result = judge(
            read_table(observables, "observables"),
            read_samples(jackknife),
            opened,
            physics,
            exact=known,
            published=published,
            yardsticks=yardsticks,
            seed=seed,
        )
    write_table(comparison, result.comparison, "comparison")
    for path, table in ((verdict, result.verdicts), (two_sample, result.two_sample)):
        table.insert(0, "experiment", experiment)
        with atomic_path(path) as temporary:
            table.to_csv(temporary, index=False)


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            {source: Path(snakemake.input[source]) for source in snakemake.params.sources},
            Path(snakemake.input.observables),
            Path(snakemake.input.jackknife),
            [Path(file) for file in snakemake.input.published],
            [Path(file) for file in snakemake.input.exact],
            Path(snakemake.output.comparison),
            Path(snakemake.output.verdict),
            Path(snakemake.output.two_sample),
            experiment=snakemake.params.experiment,
            system=snakemake.params.system,
            yardsticks=snakemake.params.yardsticks,
            seed=snakemake.params.seed,
        )
