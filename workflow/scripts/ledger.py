"""Rule `ledger`: the comparisons, verdicts and costs of all experiments of a scale, gathered."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from emulant.judging.ledger import ledger
from emulant.storage.atomic import atomic_path
from emulant.storage.cost import costs_of
from emulant.storage.tables import read_table, write_table

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    folder: Path,
    experiments: list[str],
    records: Sequence[Path],
    comparison: Path,
    verdict: Path,
    cost: Path,
) -> None:
    """Gather the tables of `experiments` under `folder`, and the `records` of what their jobs cost."""
    comparisons = [read_table(folder / name / "comparison.csv", "comparison") for name in experiments]
    write_table(comparison, pd.concat(comparisons, ignore_index=True), "comparison")
    verdicts = [pd.read_csv(folder / name / "verdict.csv") for name in experiments]
    costs = [ledger(name, costs_of(name, records)) for name in experiments]
    for path, tables in ((verdict, verdicts), (cost, costs)):
        with atomic_path(path) as temporary:
            pd.concat(tables, ignore_index=True).to_csv(temporary, index=False)


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.output.verdict).parent,
            snakemake.params.experiments,
            [Path(file) for file in snakemake.input.costs],
            Path(snakemake.output.comparison),
            Path(snakemake.output.verdict),
            Path(snakemake.output.cost),
        )
