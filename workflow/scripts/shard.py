"""Rule `shard`: a range of the samples of a reference, so that a cluster makes them side by side."""

from pathlib import Path

from emulant.stages.reference import write_shard


def main(
    ensemble: Path,
    cost: Path,
    role: str,
    system: dict,
    reference: dict,
    seed: int,
    checkpoint: Path,
    shard: int,
    size: int,
    threads: int,
) -> None:
    """Write the samples of shard number `shard` of `role`, and what they cost."""
    write_shard(
        ensemble,
        cost,
        role=role,
        system=system,
        reference=reference,
        seed=seed,
        checkpoint=checkpoint,
        shard=shard,
        size=size,
        threads=threads,
    )


if __name__ == "__main__":
    from emulant.configuration.job import run

    run(main, snakemake)
