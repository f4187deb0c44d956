"""Rule `reference`: the trusted ensemble, or the independent one that training sees."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emulant.errors import InputError
from emulant.judging.schwinger_dyson import schwinger_dyson
from emulant.storage.cost import timed_entry
from emulant.storage.ensemble import open_ensemble
from emulant.storage.imported import import_configurations
from emulant.storage.provenance import provenance
from emulant.storage.records import read_json, write_json
from emulant.systems import System, open_samples, system_from

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

LIMIT = 5


def main(
    ensemble: Path,
    diagnostics: Path,
    cost: Path,
    *,
    role: str,
    system: dict,
    reference: dict,
    seed: int,
    checkpoint: Path,
    threads: int,
    shards: Sequence[Path] = (),
    costs: Sequence[Path] = (),
) -> None:
    """Write the ensemble of `role` (reference or training), its diagnostics and its cost.

    Where other jobs made it in `shards`, these are put together, and their `costs` are added.
    """
    physics = system_from(system)
    with timed_entry(stage="reference", source=role, device="cpu", threads=threads) as entry:
        if reference["sampler"] == "file":
            record = _import(physics, reference, role, seed, ensemble)
        elif shards:
            record = physics.merge_reference(ensemble, shards, settings=reference, seed=seed)
        else:
            record = physics.sample_reference(
                ensemble, settings=reference, seed=seed, checkpoint=checkpoint, threads=threads
            )
    with open_samples(ensemble, physics) as made:
        entry["configurations"] = len(made)
        entry["device"] = made.attributes.get("device", "cpu")
    entry["tau_int"] = record.get("tau_int", 0.5)
    for part in map(read_json, costs):
        for name in ("seconds", "cpu_seconds"):
            entry[name] += part[name]
    write_json(cost, entry)
    write_json(diagnostics, record)


def _import(physics: System, reference: dict, role: str, seed: int, ensemble: Path) -> dict:
    """One half of what the user brings, once it is known to be of the system that the experiment names."""
    if hasattr(physics, "import_reference"):
        return physics.import_reference(
            ensemble, Path(reference["file"]), settings=reference, seed=seed, half=role
        )
    file, dataset = Path(reference["file"]), reference.get("dataset", "configurations")
    attributes = provenance(system=physics.kind, parameters=physics.parameters, sampler="file", seed=seed)
    count = import_configurations(
        file, ensemble, physics.site_shape, {**attributes, "equilibrated": True}, dataset=dataset, half=role
    )
    with open_ensemble(ensemble) as made:
        identities = schwinger_dyson(made, physics)
    for identity in identities:
        if not abs(identity.difference) < LIMIT * identity.error:
            ensemble.unlink()
            expected = f"{identity.words} per site for {physics.kind} {physics.parameters}"
            found = f"a difference of {identity.difference:.5f} +- {identity.error:.5f}"
            raise InputError(file, dataset, expected, found)
    return {
        "sampler": "file",
        "file": str(file),
        "samples": count,
        "equilibrated": True,
        "schwinger_dyson": {
            identity.words: {"difference": identity.difference, "error": identity.error}
            for identity in identities
        },
    }


if __name__ == "__main__":
    from emulant.configuration.gpu import give
    from emulant.configuration.logging import job_log

    give(snakemake.resources.gpu)
    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.output.ensemble),
            Path(snakemake.output.diagnostics),
            Path(snakemake.output.cost),
            role=snakemake.wildcards.role,
            system=snakemake.params.system,
            reference=snakemake.params.reference,
            seed=snakemake.params.seed,
            checkpoint=Path(snakemake.params.checkpoint),
            threads=snakemake.threads,
            shards=[Path(file) for file in snakemake.input.get("shards", [])],
            costs=[Path(file) for file in snakemake.input.get("costs", [])],
        )
