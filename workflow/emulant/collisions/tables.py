"""Event tables in Parquet: one with a row per particle, and a second with a row per event.

`reference.parquet` has the columns event, pdg, px, py, pz and energy (or mass, or neither where masses are the PDG's),
in GeV and in the nucleon-nucleon centre-of-mass frame, all rows of an event together. `reference.events.parquet` has
event, particles and the facts, such as impact_parameter in fm (NaN if unknown). K0 and K0bar are +-311; spectators are
among the particles. Metadata `complete: false` says that events lack particles (an acceptance, only charged ones).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from emulant.collisions.checks import checked_chunk, checked_facts
from emulant.collisions.events import Events, concatenated
from emulant.errors import InputError
from emulant.storage.atomic import temporary_path
from emulant.storage.refusals import refusal

__all__ = [
    "EventFile",
    "EventWriter",
    "completeness",
    "facts_path",
    "open_events",
    "read_events",
    "write_events",
]

MOMENTA = ("px", "py", "pz", "energy")
COMPLETE = "complete"
GROUP = 1 << 16
"""Rows of a Parquet row group, about 60 central events: bounds the memory of a reader and of a writer."""
MOST_EVENTS = 10**8
"""Rows of a table of events, which is in memory as a whole: some GB."""
SCHEMA = pa.schema([("event", pa.int64()), ("pdg", pa.int32()), *((name, pa.float64()) for name in MOMENTA)])


def facts_path(path: str | Path) -> Path:
    """Return the path of the table of events: reference.parquet -> reference.events.parquet."""
    return Path(path).with_suffix(".events.parquet")


class EventWriter:
    """Write events in pieces; both tables appear, complete, if no error occurs. Memory does not grow with the events.

    Arguments:
        path: final path of the table of particles.
        attributes: provenance and others, stored as metadata.
        facts: names of the facts to write.

    Attributes:
        remarks: what is to be said of the events wherever they are judged; stored as metadata.
    """

    def __init__(
        self, path: str | Path, attributes: dict[str, Any], facts: tuple[str, ...] = ("impact_parameter",)
    ) -> None:
        self.path, self.facts, self.events, self.particles = Path(path), facts, 0, 0
        self.remarks: list[str] = []
        metadata = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in attributes.items()
        }
        columns = [
            ("event", pa.int64()),
            ("particles", pa.int32()),
            *((name, pa.float64()) for name in facts),
        ]
        self.rows = _Rows(temporary_path(self.path), SCHEMA.with_metadata(metadata))
        self.event_rows = _Rows(temporary_path(facts_path(self.path)), pa.schema(columns, metadata=metadata))

    def append(self, events: Events) -> None:
        """Append events; raise KeyError if they lack a fact."""
        columns = [events.number[events.owner], events.pdg, *events.momenta.T]
        self.rows.append(columns)
        self.event_rows.append([events.number, events.counts, *(events.facts[name] for name in self.facts)])
        self.events += len(events)
        self.particles += len(events.pdg)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tables = (self.event_rows, self.rows)
        closing = {"events": str(self.events), "particles": str(self.particles)}
        closing |= {"remarks": json.dumps(self.remarks)} if self.remarks else {}
        try:
            for table in tables:
                table.close(closing)
            if kind is None:
                self.event_rows.path.replace(facts_path(self.path))
                self.rows.path.replace(self.path)
        finally:
            for table in tables:
                table.path.unlink(missing_ok=True)


class _Rows:
    """Parquet file in row groups of one size, independent of the pieces in which rows arrive."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path, self.schema, self.waiting = path, schema, schema.empty_table()
        floats = [item.name for item in schema if pa.types.is_floating(item.type)]
        integers = [item.name for item in schema if not pa.types.is_floating(item.type)]
        self.writer = pq.ParquetWriter(
            path, schema, compression="zstd", use_dictionary=integers, use_byte_stream_split=floats
        )

    def append(self, columns: list[np.ndarray]) -> None:
        arrays = [pa.array(column, item.type) for column, item in zip(columns, self.schema, strict=True)]
        self.waiting = pa.concat_tables([self.waiting, pa.Table.from_arrays(arrays, schema=self.schema)])
        complete = len(self.waiting) // GROUP * GROUP
        if complete:
            self.writer.write_table(self.waiting.slice(0, complete), row_group_size=GROUP)
            self.waiting = self.waiting.slice(complete).combine_chunks()

    def close(self, metadata: dict[str, str]) -> None:
        if len(self.waiting):
            self.writer.write_table(self.waiting)
        self.writer.add_key_value_metadata(metadata)
        self.writer.close()
        with self.path.open("rb") as file:
            os.fsync(file.fileno())


class EventFile:
    """Event tables open for reading.

    Attributes:
        number, counts: event number and number of particles of each event, (N,).
        facts: one value per event for each name, each (N,).
        attributes: the metadata, decoded.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.file = _opened(self.path)
        self.number, self.counts, self.facts = checked_facts(
            facts_path(path), _columns(_opened(facts_path(path)), facts_path(path))
        )
        self.attributes = _decoded(self.path, _metadata(self.file))
        rows = self.file.metadata.num_rows
        if rows != self.counts.sum():
            raise InputError(
                path, "rows", f"{self.counts.sum()}, as {facts_path(path).name} counts particles", rows
            )

    def __len__(self) -> int:
        return len(self.number)

    def chunks(self, size: int = 256) -> Iterator[Events]:
        """Yield all events, `size` at a time, checked."""
        batches = self._batches()
        waiting, row = SCHEMA.empty_table().select([]), 0
        for start in range(0, len(self), size):
            events = slice(start, start + size)
            number, counts = self.number[events], self.counts[events]
            parts, missing = [], int(counts.sum())
            while missing > 0:
                if not len(waiting):
                    waiting = next(batches)
                parts.append(waiting.slice(0, missing))
                waiting = waiting.slice(missing)
                missing -= len(parts[-1])
            table = pa.concat_tables(parts) if parts else self.file.schema_arrow.empty_table()
            pdg, momenta = checked_chunk(self.path, table, np.repeat(number, counts), row)
            row += len(table)
            facts = {k: v[events] for k, v in self.facts.items()}
            yield Events(number, counts, pdg, momenta, facts, self.attributes.get(COMPLETE, True))

    def read(self) -> Events:
        """Return all events."""
        parts = list(self.chunks(4096))
        return concatenated(parts)

    def _batches(self) -> Iterator[pa.Table]:
        try:
            for group in range(self.file.num_row_groups):
                # Group by group, because one call for all of them would hold all in memory.
                for batch in self.file.iter_batches(GROUP, row_groups=[group]):
                    yield pa.Table.from_batches([batch])
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                self.path, "file", "a whole Parquet file", f"a damaged one ({_line(error)})"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()


def open_events(path: str | Path) -> EventFile:
    """Open event tables for reading.

    Raises:
        InputError: if one of the two files is missing, truncated, not Parquet or empty, lacks a column, or does not
            belong to the other. Rows are checked as they are read.
    """
    return EventFile(path)


def read_events(path: str | Path) -> Events:
    """Return all events of a file."""
    with open_events(path) as file:
        return file.read()


def completeness(complete: bool) -> dict[str, Any]:
    """Return the attributes that say whether events are complete: none where they are."""
    return {} if complete else {COMPLETE: False}


def write_events(path: str | Path, events: Events, attributes: dict[str, Any]) -> None:
    """Write events to a new file."""
    with EventWriter(path, attributes | completeness(events.complete), tuple(events.facts)) as writer:
        writer.append(events)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise refusal(path, error, "a table of events in Parquet", "a whole Parquet file") from None


def _metadata(file: pq.ParquetFile) -> dict[bytes, bytes]:
    """Metadata of a table, with the remarks that were added when it was closed."""
    added = file.metadata.metadata or {}
    return (file.schema_arrow.metadata or {}) | {key: added[key] for key in (b"remarks",) if key in added}


def _columns(file: pq.ParquetFile, path: Path) -> pa.Table:
    with file:
        if file.metadata.num_rows > MOST_EVENTS:
            raise InputError(path, "rows", f"at most {MOST_EVENTS} events", file.metadata.num_rows)
        try:
            return file.read()
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                path, "file", "a whole Parquet file", f"a damaged one ({_line(error)})"
            ) from None


def _decoded(path: Path, metadata: dict[bytes, bytes]) -> dict[str, Any]:
    attributes = {
        key.decode(): value.decode() for key, value in metadata.items() if not key.startswith(b"ARROW")
    }
    for key in ("parameters", "library_versions", "seed", "remarks", COMPLETE):
        if key in attributes:
            try:
                attributes[key] = json.loads(attributes[key])
            except json.JSONDecodeError:
                raise InputError(path, key, "metadata in JSON", attributes[key]) from None
    return attributes


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
