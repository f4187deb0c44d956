"""Event tables as an ensemble: length, chunks and attributes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from emulant.collisions.events import Events, concatenated
from emulant.collisions.tables import open_events

__all__ = ["EventEnsemble"]

AT_ONCE = 256
"""Events in memory at once: some 20 MB of central Au+Au."""


class EventEnsemble:
    """Independent events with equal weights; a chunk is an `Events`.

    Arguments:
        path: the table of particles; that of events lies beside it.

    Raises:
        InputError: where one of the files is missing, truncated or foreign.
    """

    site_shape: tuple[int, ...] = ()
    rows_per_chunk = AT_ONCE
    chain = log_weight = recorded_log_weight = log_q = averages = None

    def __init__(self, path: str | Path) -> None:
        self.path, self.file = Path(path), open_events(path)

    @property
    def attributes(self) -> dict[str, Any]:
        """The metadata."""
        return self.file.attributes

    def __len__(self) -> int:
        return len(self.file)

    def chunks(self, size: int) -> Iterator[Events]:
        """All events, `size` at a time, checked."""
        return self.file.chunks(size)

    def read(self, start: int = 0, stop: int | None = None) -> Events:
        """Events of a range, all of them if not told where to stop."""
        parts, first = [], 0
        for part in self.file.chunks(AT_ONCE):
            last = first + len(part)
            if last > start:
                parts.append(part[max(start - first, 0) : None if stop is None else max(stop - first, 0)])
            first = last
            if stop is not None and last >= stop:
                break
        return concatenated(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.__exit__(*error)
