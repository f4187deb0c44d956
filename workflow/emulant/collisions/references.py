"""Events of a collision system by UrQMD, in shards that may be jobs of their own, or by the surrogate."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from emulant.collisions.shards import merge_shards
from emulant.collisions.surrogate import BATCH, FACTS, Surrogate
from emulant.collisions.tables import EventWriter
from emulant.collisions.urqmd import Shard, Urqmd, make_shards, shards_of
from emulant.errors import InputError

__all__ = ["PIECE", "in_turn", "merge_urqmd", "pieces_of", "sample_surrogate", "sample_urqmd"]

PIECE = 10
"""Events of one process of UrQMD, with a seed of its own: what a killed run loses, whatever the size of a shard."""


def in_turn(parameters: dict[str, Any], impacts: Sequence[float] | None) -> list[dict[str, Any]]:
    """The systems that pieces have in turn: `parameters` with each of `impacts` in fm, or as they are."""
    return [parameters | {"impact": [b, b]} for b in impacts or ()] or [parameters]


def pieces_of(folder: Path, events: int, shard: int | None = None, size: int | None = None) -> list[Shard]:
    """Pieces of `events` events in `folder`, all of them, or those of shard number `shard` of `size` events.

    They are numbered through all shards: events depend on the number of their piece, not on how many make a shard.
    """
    pieces = shards_of(folder, events, PIECE)
    if shard is None:
        return pieces
    per_shard = size // PIECE
    return pieces[shard * per_shard : (shard + 1) * per_shard]


def sample_urqmd(
    path: Path,
    systems: Sequence[dict[str, Any]],
    pieces: Sequence[Shard],
    attributes: dict[str, Any],
    *,
    seed: int,
    workers: int = 1,
) -> None:
    """Make `pieces`, those that are there are kept, write all their events to `path`, and remove them.

    Raises:
        InputError: where UrQMD could not make all of them; the pieces that could be made stay for the next run.
    """
    failures, events = [], sum(piece.events for piece in pieces)
    for place, parameters in enumerate(systems):
        own = [piece for piece in pieces if piece.place % len(systems) == place]
        failures += make_shards(Urqmd(**parameters), own, seed=seed, workers=workers) if own else []
    if failures:
        raise InputError(path, "events", f"{events} events by UrQMD", "; ".join(map(str, failures)))
    alike = ("system", "sampler") if len(systems) > 1 else ("system", "sampler", "parameters")
    merge_shards([piece.path for piece in pieces], path, attributes, events=events, alike=alike)
    for piece in pieces:
        for file in piece.path.parent.glob(f"{piece.path.stem}.*"):
            file.unlink()


def merge_urqmd(path: Path, shards: Sequence[Path], attributes: dict[str, Any], events: int) -> None:
    """Put the shards of a sample together; raises InputError where they do not belong together or events are missing."""
    merge_shards(shards, path, attributes, events=events, alike=("system", "sampler", "parameters", "seed"))


def sample_surrogate(
    path: Path, systems: Sequence[dict[str, Any]], events: int, attributes: dict[str, Any], *, seed: int
) -> None:
    """Write events of the surrogate, whose batches have these systems in turn."""
    generators = [Surrogate(**parameters) for parameters in systems]
    with (
        EventWriter(path, attributes, FACTS) as writer,
        tqdm(total=events, desc="surrogate", unit="event", mininterval=2) as bar,
    ):
        for place, first in enumerate(range(0, events, BATCH)):
            generator = generators[place % len(generators)]
            for batch in generator.events(min(BATCH, events - first), seed, first):
                writer.append(batch)
                bar.update(len(batch))
