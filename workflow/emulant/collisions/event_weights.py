"""Weights of events: those of a file in a column `weight`, or `log_weight` as in our tables, up to a common factor."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from emulant.collisions.events import Events
from emulant.errors import InputError

__all__ = ["LOG_WEIGHT", "WEIGHT", "weighed"]

WEIGHT, LOG_WEIGHT = "weight", "log_weight"


def weighed(file: str | Path, parts: Iterable[Events]) -> Iterator[Events]:
    """Replace the fact `weight` of events by `log_weight`, and leave out events of weight zero; others pass as they are.

    Arguments:
        file: of the events, for errors.
        parts: events in pieces.

    Raises:
        InputError: for a weight that is negative or not finite, a column that weighs events under another name, or a file
            of which only some events have weights.
    """
    weighted = None
    for part in parts:
        for name in part.facts:
            if WEIGHT in name and name not in (WEIGHT, LOG_WEIGHT):
                raise InputError(file, name, f"weights of events in a column {WEIGHT} or {LOG_WEIGHT}", name)
        logarithms = _logarithms(file, part)
        weighted = (logarithms is not None) if weighted is None else weighted
        if weighted != (logarithms is not None):
            raise InputError(
                file, f"weight, event {part.number[0]}", "weights of all events, or of none", "both"
            )
        if logarithms is None:
            yield part
            continue
        facts = {name: fact for name, fact in part.facts.items() if name not in (WEIGHT, LOG_WEIGHT)}
        counting = np.flatnonzero(logarithms > -np.inf)
        yield replace(part, facts=facts | {LOG_WEIGHT: logarithms}).take(counting)


def _logarithms(file: str | Path, events: Events) -> np.ndarray | None:
    """Return ln w of each event, -inf for no weight, (N,); None where events have no weights."""
    if LOG_WEIGHT in events.facts:
        logarithms = events.facts[LOG_WEIGHT]
        _refuse(file, LOG_WEIGHT, "a finite number", events, ~np.isfinite(logarithms))
        return logarithms
    if WEIGHT not in events.facts:
        return None
    weights = events.facts[WEIGHT]
    _refuse(file, WEIGHT, "a finite number in every event, or in none", events, ~np.isfinite(weights))
    expected = "a weight >= 0 (events of negative weight have no effective sample size)"
    _refuse(file, WEIGHT, expected, events, weights < 0)
    with np.errstate(divide="ignore"):
        return np.log(weights)


def _refuse(file: str | Path, name: str, expected: str, events: Events, bad: np.ndarray) -> None:
    """Raise InputError for the first bad event."""
    if np.any(bad):
        first = int(np.argmax(bad))
        raise InputError(
            file, f"{name}, event {events.number[first]}", expected, f"{events.facts[name][first]:g}"
        )
