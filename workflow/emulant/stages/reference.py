"""The trusted ensemble of a system, or the independent one that training sees: imported, sampled, or put together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emulant.contracts.sampler import ShardedSampler
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.forms import form_of, open_samples
from emulant.stages.contracts import check_contracts, check_parts
from emulant.stages.identities import checked_identities
from emulant.storage.cost import ledger_entry, timed_entry
from emulant.storage.records import read_json, write_json
from emulant.systems import sampler_of, system_from

__all__ = ["write_reference", "write_shard"]


def write_reference(
    ensemble: Path,
    diagnostics: Path,
    cost: Path,
    *,
    role: str,
    system: Mapping[str, Any],
    reference: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int,
    shards: Sequence[Path] = (),
    costs: Sequence[Path] = (),
) -> None:
    """Write the ensemble of `role`, its diagnostics, and its cost with that of its shards.

    System and observables are tried on a few samples (`check_contracts`), and the system's identities are held against all
    of them, wherever they come from (`checked_identities`).

    Arguments:
        ensemble: file of samples.
        diagnostics: JSON, what the sampler says of them.
        cost: JSON, the entry of the ledger.
        role: `reference` or `training`.
        system: the `system` block.
        reference: the `reference` block, with the number of samples and the conditions of this role.
        seed: of all random numbers.
        checkpoint: file from which a killed run goes on.
        threads: of the job.
        shards: files of samples that other jobs made, in their order.
        costs: of these jobs.
    """
    physics = system_from(system)
    check_parts(physics.kind)
    # Reading a file is not the price of its samples.
    foreign = reference["sampler"] == "file"
    stage = "import" if foreign else "reference"
    with timed_entry(stage=stage, model=role, device="cpu", threads=threads) as entry:
        if foreign:
            form = form_of(physics.kind)
            record = form.import_file(physics, ensemble, settings=reference, seed=seed, half=role)
        elif shards:
            sampler = _sharded(physics, reference)
            record = sampler.merge(physics, ensemble, shards, settings=reference, seed=seed)
        else:
            record = sampler_of(physics.kind, reference["sampler"])(
                physics, ensemble, settings=reference, seed=seed, checkpoint=checkpoint, threads=threads
            )
    check_contracts(ensemble, physics)
    record |= checked_identities(ensemble, physics, reference)
    entry |= {"tau_int": record.get("tau_int", 0.5), **_facts(ensemble, physics)}
    for part in map(read_json, costs):
        for name in ("seconds", "cpu_seconds"):
            entry[name] += part[name]
    write_json(cost, entry)
    write_json(diagnostics, record)


def write_shard(
    ensemble: Path,
    cost: Path,
    *,
    role: str,
    system: Mapping[str, Any],
    reference: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    shard: int,
    size: int,
    threads: int = 1,
) -> None:
    """Write shard number `shard`, of `size` samples, of the ensemble of `role`, and its cost."""
    physics = system_from(system)
    sampler = _sharded(physics, reference)
    with ledger_entry(cost, stage="reference", model=role, device="cpu", threads=threads):
        sampler.shard(
            physics,
            ensemble,
            settings=reference,
            seed=seed,
            checkpoint=checkpoint,
            shard=shard,
            size=size,
            threads=threads,
        )


def _sharded(system: System, reference: Mapping[str, Any]) -> ShardedSampler:
    """Return the sampler of a block; raises InputError where its samples cannot be made in shards."""
    sampler = sampler_of(system.kind, reference["sampler"])
    if not isinstance(sampler, ShardedSampler):
        expected = "a sampler whose samples can be made in shards"
        raise InputError("experiment", "reference.sampler", expected, reference["sampler"])
    return sampler


def _facts(ensemble: Path, system: System) -> dict[str, Any]:
    """Return what the ledger says of an ensemble: number of samples, and the device that made them."""
    with open_samples(ensemble, system) as samples:
        return {"configurations": len(samples), "device": samples.attributes.get("device", "cpu")}
