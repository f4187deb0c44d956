"""Import of users' events in any supported format, checked against the collision system."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from emulant.collisions.acceptance import COMMON
from emulant.collisions.event_weights import LOG_WEIGHT, WEIGHT, weighed
from emulant.collisions.events import Events, boosted
from emulant.collisions.impacts import check_impacts, known_impacts
from emulant.collisions.of_nuclei import check_nuclei
from emulant.collisions.readers import read_foreign
from emulant.collisions.species import INDEFINITE, species_of
from emulant.collisions.tables import EventFile, EventWriter, open_events
from emulant.collisions.urqmd_types import centre_of_mass_boost
from emulant.errors import InputError

__all__ = ["import_half"]

FEWEST = 128
"""Events of a file: half of them, for training and for judging, still give errors of the observables."""
HALVES = {"training": 0, "reference": 1}
KAONS = "have K_S or K_L, which are of no definite strangeness and count as S = 0"
WEIGHTED = "have weights, by which they are averaged; tests of whole events use as many as w / max w keeps"


def import_half(
    file: Path,
    path: Path,
    parameters: dict[str, Any],
    attributes: dict[str, Any],
    *,
    half: str,
    complete: bool = True,
    frame: str = "cm",
) -> int:
    """Copy every second event of a user's file, from the first for training, from the second for judging.

    Neighbours go to different halves, so that both have the same distribution even if the file is sorted (by multiplicity,
    say). Memory does not grow with the file. Unknown impact parameters become that of the system, if it has one alone.
    What is to be said of the events of the whole file stands in the metadata, as `remarks`.

    Arguments:
        file: event tables in Parquet (with their table of events), UrQMD's f13 or f14, OSCAR, or HepMC.
        path: event tables to write.
        parameters: of the collision system; `impact` are all impact parameters that events may have.
        attributes: provenance.
        half: "training" or "reference".
        complete: whether every event has all particles, see `of_nuclei.check_nuclei`.
        frame: "cm" or "lab" (target at rest), for formats that do not contain their frame.

    Returns:
        the number of events copied.

    Raises:
        InputError: as the readers do, for a file of under 128 events that count, for weights that cannot be used, or for
            events of another system.
    """
    beta = centre_of_mass_boost(parameters["energy"]) if frame == "lab" else 0.0
    allowed = min(parameters["impact"]), max(parameters["impact"])
    remarks: Counter[str] = Counter()
    parts = weighed(file, _batches(Path(file), beta, remarks))
    first, events = next(parts), 0
    absent = set(COMMON)
    with EventWriter(path, attributes, tuple(first.facts)) as writer:
        for part in chain([first], parts):
            check_nuclei(file, part, parameters, complete)
            check_impacts(file, part, allowed)
            events += len(part)
            _count(part, allowed, remarks)
            absent -= set(np.unique(part.pdg).tolist())
            chosen = part.take(np.flatnonzero(part.number % 2 == HALVES[half]))
            writer.append(_at_known_impacts(chosen, allowed))
        if events < FEWEST:
            raise InputError(
                file, "events", f"at least {FEWEST}, half of them to judge and half to train", events
            )
        writer.remarks += [f"{count} events {remark}" for remark, count in remarks.items()]
        writer.remarks += _of_absent(absent)
    return writer.events


def _batches(file: Path, beta: float, remarks: Counter[str]) -> Iterator[Events]:
    """Yield events in pieces, numbered from 0, with their impact parameters (NaN if unknown) and weights."""
    if file.suffix != ".parquet":
        yield from read_foreign(file, beta=beta, remarks=remarks)
        return
    first = 0
    with open_events(file) as table:
        _refuse_weighted_particles(table)
        for part in table.chunks():
            momenta = part.momenta
            if beta:
                momenta = boosted(momenta, np.tile([0.0, 0.0, -beta], (len(momenta), 1)))
            unknown = np.full(len(part), np.nan)
            facts = {name: fact for name, fact in part.facts.items() if WEIGHT in name}
            facts["impact_parameter"] = known_impacts(part.facts.get("impact_parameter", unknown))
            number = first + np.arange(len(part))
            yield replace(part, number=number, momenta=momenta, facts=facts)
            first += len(part)


def _refuse_weighted_particles(table: EventFile) -> None:
    """Raise InputError for a column of weights of particles, unless all are 1: no observable knows them."""
    for name in table.file.schema_arrow.names:
        if WEIGHT in name and pc.any(pc.not_equal(table.file.read(columns=[name])[name], 1)).as_py():
            raise InputError(
                table.path, name, f"1: weights belong to events, as {WEIGHT} in their table", "others"
            )


def _count(events: Events, allowed: tuple[float, float], remarks: Counter[str]) -> None:
    """Count the events of which something is to be said."""
    lowest, highest = allowed
    unknown = "have no impact parameter in the file and "
    unknown += f"get {lowest:g} fm, that of the system" if lowest == highest else "can train no model"
    numbers = {
        unknown: np.isnan(events.facts["impact_parameter"]).sum(),
        KAONS: np.count_nonzero(events.sums(np.isin(events.pdg, INDEFINITE))),
        WEIGHTED: len(events) if LOG_WEIGHT in events.facts else 0,
    }
    for remark, number in numbers.items():
        if number:
            remarks[remark] += int(number)


def _of_absent(absent: set[int]) -> list[str]:
    """Say which common species no event has: means over them are in no test."""
    names = [species_of(pdg).name for pdg in COMMON if pdg in absent]
    return [f"no event has {', '.join(names)}"] if names else []


def _at_known_impacts(events: Events, allowed: tuple[float, float]) -> Events:
    """Return events whose unknown impact parameters are that of the system, where it has one alone."""
    impact, (lowest, highest) = events.facts["impact_parameter"], allowed
    if lowest != highest:
        return events
    return replace(
        events, facts=events.facts | {"impact_parameter": np.where(np.isnan(impact), lowest, impact)}
    )
