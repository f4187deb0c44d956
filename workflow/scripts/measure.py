"""Rule `measure`: observables of every ensemble of an experiment."""

from pathlib import Path

from emulant.contracts.source import REFERENCE, paired
from emulant.judging.experiment import measure_all, measure_forward, opened
from emulant.judging.samples import write_samples
from emulant.storage.tables import write_rows, write_table
from emulant.systems import measured_observables, system_from


def main(
    ensembles: list[Path],
    observables: Path,
    jackknife: Path,
    distributions: Path,
    forward: Path,
    experiment: str,
    system: dict,
    sources: list,
    names: list | None,
    paths: dict,
    seed: int,
) -> None:
    """Write the table of observables, the jackknife samples, histograms and forward cumulants."""
    physics = system_from(system)
    with opened(paired(sources, ensembles), physics) as samples:
        measured = measure_all(experiment, samples, physics, measured_observables(names, physics.kind))
        along_path = measure_forward(samples[REFERENCE], paths, seed)
    write_table(observables, measured.observables, "observables")
    write_samples(jackknife, measured.jackknife)
    write_rows(distributions, measured.distributions)
    write_rows(forward, along_path)


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
