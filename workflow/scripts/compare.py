"""Rule `compare`: every source against the reference, exact values and published ones."""

from pathlib import Path

from emulant.contracts.source import paired
from emulant.judging.experiment import exact_values_of, opened
from emulant.judging.judge import judge
from emulant.judging.samples import read_measured
from emulant.systems import system_from


def main(
    ensembles: list[Path],
    observables: Path,
    jackknife: Path,
    published: list[Path],
    exact: list[Path],
    comparison: Path,
    verdict: Path,
    two_sample: Path,
    system: dict,
    sources: list,
    yardsticks: list,
    unlearned: str,
    seed: int,
) -> None:
    """Judge the experiment and write its tables; `exact` are tables of studies, `unlearned` a scale that does not learn."""
    physics, files = system_from(system), paired(sources, ensembles)
    measured = read_measured(observables, jackknife)
    targets = {"exact": exact_values_of(physics, exact), "published": published}
    with opened(files, physics) as samples:
        shown = {"yardsticks": yardsticks, "unlearned": unlearned, "seed": seed}
        judge(*measured, samples, physics, **targets, **shown).write(comparison, verdict, two_sample)


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
