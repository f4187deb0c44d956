"""Samplers of collisions, both in pieces: the cascade UrQMD, and its licence-free stand-in."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from emulant.collisions.freeze_out import stand_in_at
from emulant.collisions.records import collision_attributes, conserved_record
from emulant.collisions.surrogate import BATCH
from emulant.collisions.urqmd import Urqmd, make_pieces
from emulant.errors import InputError
from emulant.forms.events import form
from emulant.forms.sharded import InPieces
from emulant.forms.streamed import Chunk, Streamed
from emulant.storage.pieces import Piece, condition_of
from emulant.systems.collision.system import Collision

__all__ = ["PIECE", "samplers"]

PIECE = 10
"""Events of one process of UrQMD: what a killed run loses, some seconds to a minute of work."""
LABELS = {"surrogate": "surrogate, not UrQMD"}


def _attributes(system: Collision, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Provenance of all events; a stand-in is labelled as such."""
    label = {"label": LABELS[settings["sampler"]]} if settings["sampler"] in LABELS else {}
    return collision_attributes(system, settings, seed) | label


def _parameters(system: Collision, settings: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Parameters of piece `number`: those of the system, but for impact parameter and energy of the conditions."""
    condition = condition_of(settings, number)
    if "impact" in condition:
        condition["impact"] = [condition["impact"]] * 2
    return system.parameters | condition


def _record(system: Collision, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Diagnostics; raises InputError where an event breaks a conservation law of charges."""
    return conserved_record(path, system, settings["sampler"])


def _make_urqmd(
    system: Collision,
    pieces: Sequence[Piece],
    attributes: dict[str, Any],
    *,
    settings: Mapping[str, Any],
    seed: int,
    threads: int,
) -> None:
    """Make the pieces that are missing, `threads` processes at once.

    Raises:
        InputError: where UrQMD could not make all of them, and for a shard that begins within a piece.
    """
    if any(piece.skip for piece in pieces):
        raise InputError(pieces[0].path, "reference.shard", f"a multiple of {PIECE}")

    def law(piece: Piece) -> str:
        return json.dumps(_parameters(system, settings, piece.number))

    failures = []
    for _, alike in groupby(sorted(pieces, key=law), key=law):
        group = list(alike)
        cascade = Urqmd(**_parameters(system, settings, group[0].number))
        failures += make_pieces(cascade, group, seed=seed, workers=threads)
    if failures:
        events = sum(piece.count for piece in pieces)
        folder = pieces[0].path.parent
        raise InputError(folder, "events", f"{events} events by UrQMD", "; ".join(map(str, failures)))


def _surrogate(system: Collision, piece: Piece, settings: Mapping[str, Any], seed: int) -> Iterator[Chunk]:
    """Generate one batch of the stand-in."""
    generator = stand_in_at(**_parameters(system, settings, piece.number))
    for batch in generator.events(piece.skip + piece.count, seed, piece.first - piece.skip):
        yield Chunk(batch[piece.skip :])


samplers = {
    "urqmd": InPieces(form, PIECE, _attributes, _record, _make_urqmd),
    "surrogate": Streamed(form, BATCH, _attributes, _record, _surrogate, "surrogate"),
}
