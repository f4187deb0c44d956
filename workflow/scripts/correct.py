"""Rule `correct`: make a generated ensemble exact, by Metropolis steps and by importance weights."""

from pathlib import Path

from emulant.contracts.source import Source
from emulant.forms import open_samples
from emulant.stages.correction import Correction
from emulant.storage.cost import ledger_entry
from emulant.systems import system_from


def main(
    weights: Path,
    ensemble: Path,
    metropolis: Path,
    weighted: Path,
    likelihood: Path,
    record: Path,
    cost: Path,
    system: dict,
    correction: dict,
    seed: int,
    threads: int,
) -> None:
    """Write both corrected ensembles, the likelihoods, and what the corrections say of the model beside `weights`."""
    physics = system_from(system)
    with open_samples(ensemble, physics) as raw:
        job = Correction(weights.parent, raw, physics, correction, seed)
        labels = {**Source.of(job.model.settings)._asdict(), "device": job.device, "threads": threads}
        with ledger_entry(cost, stage="correct", **labels) as entry:
            job.write(metropolis, weighted, likelihood, record)
            entry["configurations"] = len(raw)


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
