"""Rule `generate`: an ensemble from a trained model, and of fields the cumulants on their way."""

from pathlib import Path

from emulant.stages.generation import Generation
from emulant.stages.held_out import held_out_pairs
from emulant.storage.atomic import atomic_path
from emulant.storage.cost import ledger_entry
from emulant.systems import system_from


def main(
    weights: Path,
    ensemble: Path,
    cost: Path,
    system: dict,
    seed: int,
    threads: int,
    trajectory: Path | None = None,
    held_out: list[Path] = (),
    variant: str = "",
) -> None:
    """Generate as the generation block of the model beside `weights` says; `variant` leaves a step out."""
    physics = system_from(system)
    job = Generation(weights.parent, physics, seed, variant, held_out_pairs(held_out, physics))
    labels = {**job.source._asdict(), "device": job.device, "threads": threads}
    with ledger_entry(cost, stage="generate", **labels) as entry:
        job.write(ensemble)
        entry |= {"configurations": job.count, "tau_int": 0.5, "evaluations": job.model.evaluations}
    if trajectory is not None:
        with atomic_path(trajectory) as temporary:
            job.trajectory().to_csv(temporary, index=False)


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
