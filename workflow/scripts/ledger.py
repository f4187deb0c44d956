"""Rule `ledger`: the comparisons, verdicts and costs of all experiments of a scale, gathered."""

from pathlib import Path

from emulant.judging.ledger import gathered, ledger
from emulant.storage.cost import costs_of
from emulant.storage.tables import read_rows, read_table, write_rows, write_table


def main(
    comparisons: list[Path],
    verdicts: list[Path],
    costs: list[Path],
    comparison: Path,
    verdict: Path,
    cost: Path,
) -> None:
    """Gather the tables of all experiments, in the order of the inputs."""
    rows = [read_table(file, "comparison") for file in comparisons]
    write_table(comparison, gathered(rows), "comparison")
    judged = [read_rows(file) for file in verdicts]
    experiments = [file.parent.name for file in comparisons]
    priced = [ledger(name, costs_of(name, costs)) for name in experiments]
    for path, tables in ((verdict, judged), (cost, priced)):
        write_rows(path, gathered(tables))


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
