"""Rule `shard`: a part of UrQMD's events, so that a cluster makes them side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

from emulant.storage.cost import ledger_entry
from emulant.systems import system_from

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    ensemble: Path,
    cost: Path,
    *,
    role: str,
    system: dict,
    reference: dict,
    seed: int,
    checkpoint: Path,
    shard: int,
    size: int,
) -> None:
    """Write the events of shard number `shard` of `role`, and what they cost."""
    with ledger_entry(cost, stage="reference", source=role, device="cpu", threads=1):
        system_from(system).sample_shard(
            ensemble, settings=reference, seed=seed, checkpoint=checkpoint, shard=shard, size=size
        )


if __name__ == "__main__":
    from emulant.configuration.logging import job_log

    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.output.ensemble),
            Path(snakemake.output.cost),
            role=snakemake.wildcards.role,
            system=snakemake.params.system,
            reference=snakemake.params.reference,
            seed=snakemake.params.seed,
            checkpoint=Path(snakemake.params.checkpoint),
            shard=int(snakemake.wildcards.shard),
            size=snakemake.params.size,
        )
