"""Rule `train`: fit a model to the training ensemble."""

from pathlib import Path

from emulant.contracts.source import Source
from emulant.devices import devices
from emulant.stages.training import read_training, train_model
from emulant.storage.cost import ledger_entry
from emulant.systems import system_from


def main(
    training: list[Path],
    weights: Path,
    model: Path,
    curve: Path,
    cost: Path,
    system: dict,
    settings: dict,
    seed: int,
    code: str,
    checkpoint: Path,
    threads: int,
    start: list[Path] = (),
) -> None:
    """Train as `settings`, a model block, says, and write weights, record, curve and cost."""
    physics, device = system_from(system), devices()[0].split(":")[0]
    data = read_training(training, physics, settings)
    source, job = Source.of(settings)._asdict(), {"seed": seed, "code": code, "checkpoint": checkpoint}
    with ledger_entry(cost, stage="train", **source, device=device, threads=threads) as entry:
        trained = train_model(data, physics, settings, start=start, **job)
        entry["configurations"] = trained.examples
    trained.write(weights, model, curve)
    checkpoint.unlink(missing_ok=True)


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
