"""Rule `reference`: the trusted ensemble, or the independent one that training sees."""

from pathlib import Path

from emulant.stages.reference import write_reference


def main(
    ensemble: Path,
    diagnostics: Path,
    cost: Path,
    role: str,
    system: dict,
    reference: dict,
    seed: int,
    checkpoint: Path,
    threads: int,
    shards: list[Path] = (),
    costs: list[Path] = (),
) -> None:
    """Write the ensemble of `role` (reference or training), its diagnostics and its cost."""
    write_reference(
        ensemble,
        diagnostics,
        cost,
        role=role,
        system=system,
        reference=reference,
        seed=seed,
        checkpoint=checkpoint,
        threads=threads,
        shards=shards,
        costs=costs,
    )


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
