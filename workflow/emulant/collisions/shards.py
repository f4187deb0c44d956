"""Many files of events made in parallel, put together as one with a check."""

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
    """Copy all events of `shards`, in the order of the shards, to `path`; returns their number.

    Arguments:
        shards: files of events, read in pieces.
        path: file to write.
        attributes: provenance of the whole.
        events: how many there must be.
        alike: attributes in which all shards must agree.

    Raises:
        InputError: where a shard is unreadable or differs from the first, an event is in two shards, or the number
            of events is another.
    """
    shards = [Path(shard) for shard in shards]
    if not shards:
        raise InputError(path, "shards", "at least one shard", "none")
    first, names, seen = _check_alike(shards, alike)
    if events is not None and len(seen) != events:
        raise InputError(path, "events", f"{events} in {len(shards)} shards, the first {first}", len(seen))
    with EventWriter(path, attributes, names) as writer:
        for shard in shards:
            with open_events(shard) as file:
                for part in file.chunks():
                    writer.append(part)
    return writer.events


def _check_alike(shards: list[Path], alike: tuple[str, ...]) -> tuple[Path, tuple[str, ...], np.ndarray]:
    """The first shard, the facts of all, and the numbers of all events."""
    first, names, expected = shards[0], (), {}
    seen = np.zeros(0, np.int64)
    for shard in shards:
        with open_events(shard) as file:
            found = {name: file.attributes.get(name) for name in alike}
            if shard == first:
                names, expected = tuple(file.facts), found
            for name in alike:
                if found[name] != expected[name]:
                    raise InputError(shard, name, f"{expected[name]} as in {first.name}", found[name])
            if tuple(file.facts) != names:
                raise InputError(
                    shard, "facts", f"{', '.join(names)} as in {first.name}", ", ".join(file.facts)
                )
            both = np.intersect1d(seen, file.number)
            if len(both):
                raise InputError(
                    shard, "event", "events that are in no other shard", f"event {both[0]} again"
                )
            seen = np.concatenate([seen, file.number])
    return first, names, seen
