"""Events: tables of particles in Parquet, one row a particle, and a second table with one row an event."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import Events
from emulant.collisions.imported import import_half
from emulant.collisions.records import collision_attributes, conserved_record
from emulant.collisions.shards import merge_shards
from emulant.collisions.tables import EventWriter, completeness
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.storage.pieces import FIRST_SAMPLE

__all__ = ["form"]


class NumberedWriter(EventWriter):
    """Append events, which get numbers in the order of the file, from the number of its first sample."""

    def __init__(self, path: Path, attributes: dict[str, Any], facts: tuple[str, ...]) -> None:
        super().__init__(path, attributes, facts)
        self.first_sample = attributes.get(FIRST_SAMPLE, 0)

    def append(
        self, events: Events, *, facts: Mapping[str, np.ndarray] | None = None, **columns: np.ndarray
    ) -> None:
        """Add events; facts and columns (n,) go to the table of events, as those that the events have."""
        everything = {**events.facts, **(facts or {}), **columns}
        number = self.first_sample + np.arange(self.events, self.events + len(events))
        super().append(Events(number, events.counts, events.pdg, events.momenta, everything))


class EventTables:
    """Whole events of collisions."""

    name: ClassVar[str] = "events"

    def open(self, path: Path, system: System | None = None) -> EventEnsemble:
        """Open tables of events; raises InputError where they are damaged."""
        return EventEnsemble(path)

    def writer(
        self,
        path: Path,
        attributes: Mapping[str, Any],
        like: Events,
        *,
        columns: Sequence[str] = (),
        facts: Mapping[str, np.ndarray] | None = None,
    ) -> NumberedWriter:
        """Open tables for events with the facts of `like`, marked where they are incomplete."""
        everything = {**attributes, **completeness(like.complete)}
        return NumberedWriter(path, everything, (*like.facts, *(facts or {}), *columns))

    def import_file(
        self, system: System, path: Path, *, settings: Mapping[str, Any], seed: int, half: str
    ) -> dict[str, Any]:
        """Write one half of a user's events; `collisions.imported.import_half` says what is checked."""
        complete, file = settings.get("complete", True), Path(settings["file"])
        if "energy" in settings.get("conditions", {}):
            raise InputError(
                file, "conditions.energy", "no energies: all events of a file are of the system's", "some"
            )
        import_half(
            file,
            path,
            system.parameters | settings.get("conditions", {}),
            collision_attributes(system, settings, seed) | completeness(complete),
            half=half,
            complete=complete,
            frame=settings.get("frame", "cm"),
        )
        record = conserved_record(path, system, "file", complete=complete)
        with self.open(path) as ensemble:
            remarks = ensemble.attributes.get("remarks", [])
        return record | {"file": str(file), "complete": complete} | ({"remarks": remarks} if remarks else {})

    def merge(
        self,
        path: Path,
        parts: Sequence[Path],
        attributes: Mapping[str, Any],
        *,
        samples: int,
        alike: Sequence[str],
    ) -> None:
        """Copy the events of `parts` in their order to `path`; `collisions.shards.merge_shards` says what is checked."""
        merge_shards(parts, path, attributes, events=samples, alike=tuple(alike))


form = EventTables()
