"""Event tables as an ensemble: length, chunks and attributes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np

from emulant.collisions.event_weights import LOG_WEIGHT
from emulant.collisions.events import Events, concatenated
from emulant.collisions.tables import open_events
from emulant.errors import InputError
from emulant.statistics.weights import unweighted

__all__ = ["EventEnsemble"]

AT_ONCE = 256
"""Events in memory at once: some 20 MB of central Au+Au."""


class EventEnsemble:
    """Independent events; a chunk is an `Events`.

    Arguments:
        path: the table of particles; that of events lies beside it.

    Attributes:
        log_weight: (N,), or None where events count alike: there are no weights, all are equal, or they are recorded but not
            applied.
        recorded_log_weight: (N,) or None, applied or not.

    Raises:
        InputError: where one of the files is missing, truncated or foreign, or a weight is unknown.
    """

    site_shape: tuple[int, ...] = ()
    rows_per_chunk = AT_ONCE
    chain = log_q = averages = None

    def __init__(self, path: str | Path) -> None:
        self.path, self.file = Path(path), open_events(path)
        self.recorded_log_weight = self.file.facts.get(LOG_WEIGHT)
        if self.recorded_log_weight is not None and np.isnan(self.recorded_log_weight).any():
            raise InputError(path, LOG_WEIGHT, "a number in every event", "NaN")
        applied = self.attributes.get("weights_applied", True) not in (False, "false")
        counting = self.recorded_log_weight is not None and applied and np.ptp(self.recorded_log_weight) > 0
        self.log_weight = self.recorded_log_weight if counting else None

    @property
    def attributes(self) -> dict[str, Any]:
        """The metadata."""
        return self.file.attributes

    @property
    def facts(self) -> dict[str, np.ndarray]:
        """What is known of each event, (N,) by name."""
        return self.file.facts

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

    def unweighted(self, count: int) -> Events:
        """The first `count` events that count alike: all, or of weighted ones a random part, with probability w / max w."""
        if self.log_weight is None:
            return self.read(0, count)
        chosen, parts, first = unweighted(self.log_weight)[:count], [], 0
        for part in self.file.chunks(AT_ONCE):
            inside = chosen[(chosen >= first) & (chosen < first + len(part))]
            parts.append(part.take(inside - first))
            first += len(part)
            if len(chosen) == 0 or first > chosen[-1]:
                break
        return concatenated(parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.__exit__(*error)
