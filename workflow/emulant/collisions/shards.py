"""Merging of event files that were generated in parallel, with checks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.tables import EventWriter, open_events
from emulant.errors import InputError

__all__ = ["merge_shards"]


def merge_shards(
    shards: Sequence[str | Path],
    path: str | Path,
    attributes: dict[str, Any],
    *,
    events: int | None = None,
    alike: tuple[str, ...] = ("system", "parameters", "sampler"),
) -> int:
    """Copy all events of `shards`, in the order of the shards, to `path`; return their number.

    Arguments:
        shards: files of events, read in pieces.
        path: file to write.
        attributes: provenance of the merged file.
        events: expected number of events, None to accept any.
        alike: attributes in which all shards must agree.

    Raises:
        InputError: if a shard is unreadable or differs from the first, an event is in two shards, or the number of
            events is not the expected one.
    """
    shards = [Path(shard) for shard in shards]
    if not shards:
        raise InputError(path, "shards", "at least one shard", "none")
    first, names, numbers = _check_alike(shards, alike)
    if events is not None and len(numbers) != events:
        raise InputError(path, "events", f"{events} in {len(shards)} shards, the first {first}", len(numbers))
    with EventWriter(path, attributes, names) as writer:
        for shard in shards:
            with open_events(shard) as file:
                for part in file.chunks():
                    writer.append(part)
    return writer.events


def _check_alike(shards: list[Path], alike: tuple[str, ...]) -> tuple[Path, tuple[str, ...], np.ndarray]:
    """Return the first shard, the names of the facts, and the numbers of all events, after comparing the shards."""
    first, names, expected = shards[0], (), {}
    numbers = np.zeros(0, np.int64)
    for shard in shards:
        with open_events(shard) as file:
            attributes = {name: file.attributes.get(name) for name in alike}
            if shard == first:
                names, expected = tuple(file.facts), attributes
            for name in alike:
                if attributes[name] != expected[name]:
                    raise InputError(shard, name, f"{expected[name]} as in {first.name}", attributes[name])
            if tuple(file.facts) != names:
                raise InputError(
                    shard, "facts", f"{', '.join(names)} as in {first.name}", ", ".join(file.facts)
                )
            repeated = np.intersect1d(numbers, file.number)
            if len(repeated):
                raise InputError(
                    shard, "event", "events that are in no other shard", f"event {repeated[0]} again"
                )
            numbers = np.concatenate([numbers, file.number])
    return first, names, numbers
