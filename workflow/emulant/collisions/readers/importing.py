"""Conversion of files of event generators into event tables, in pieces."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.checks import checked_particles
from emulant.collisions.event_weights import WEIGHT, weighed
from emulant.collisions.events import Events, boosted
from emulant.collisions.impacts import known_impacts
from emulant.collisions.readers import hepmc, oscar, urqmd
from emulant.collisions.readers.text import Absent, Final, Lines
from emulant.collisions.tables import EventWriter
from emulant.errors import InputError

__all__ = ["FORMATS", "format_of", "import_events", "read_foreign"]

FORMATS: dict[str, Callable[[str | Path], Iterator[Final | Absent]]] = {
    "urqmd": urqmd.read,
    "oscar1997": oscar.read_1997,
    "oscar2013": oscar.read_2013,
    "hepmc": hepmc.read,
}
# Beginning of the first line -> format.
FIRST = {
    "UQMD": "urqmd",
    "OSC1997A": "oscar1997",
    "# OSC1997A": "oscar1997",
    "#!OSCAR2013": "oscar2013",
    "HepMC::": "hepmc",
}
BATCH = 64
"""Events held in memory at once; the result does not depend on it."""


def format_of(path: str | Path) -> str:
    """Return the format of a file by its first line; raise InputError for an unknown one."""
    with Lines(path) as lines:
        first = next(lines.filled(), "").lstrip()
    for beginning, name in FIRST.items():
        if first.startswith(beginning):
            return name
    raise InputError(
        path, "line 1", f"the beginning of a file of {', '.join(FORMATS)}", repr(first.rstrip()[:40])
    )


def read_foreign(
    path: str | Path, kind: str | None = None, *, beta: float = 0.0, remarks: Counter[str] | None = None
) -> Iterator[Events]:
    """Yield batches of the events of a generator's file, checked and numbered from 0.

    Their facts are `impact_parameter` in fm, NaN where unknown, and, where the file has them, `weight`.

    Arguments:
        path: the file, plain or compressed (.gz, .bz2, .xz).
        kind: one of FORMATS; None to take it from the first line.
        beta: velocity along the beam of the nucleon-nucleon centre of mass in the file's frame
            (`urqmd_types.centre_of_mass_boost` for a target at rest). UrQMD's f13 and f14 contain their frame.
        remarks: what is to be said of events -> their number, filled while batches are read.

    Raises:
        InputError: for a line that cannot be parsed, an unknown species, numbers that are not finite, masses
            far from the PDG's (mixed units), or a file without events.
    """
    kind = format_of(path) if kind is None else kind
    if kind not in FORMATS:
        raise InputError(path, "format", f"one of {', '.join(FORMATS)}", kind)
    waiting: list[Final] = []
    done, remarks = 0, Counter() if remarks is None else remarks
    for final in FORMATS[kind](path):
        if final.remark:
            remarks[final.remark] += 1
        if isinstance(final, Absent):
            continue
        checked_particles(
            Path(path),
            final.pdg,
            final.momenta[:, :3],
            final.line,
            energy=final.momenta[:, 3],
            unit=final.unit,
        )
        waiting.append(final)
        if len(waiting) == BATCH:
            yield _batch(waiting, done, beta)
            done += len(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting, done, beta)
    elif not done:
        raise InputError(path, "file", "at least one event", "none")


def import_events(
    file: str | Path,
    path: str | Path,
    attributes: dict[str, Any],
    *,
    kind: str | None = None,
    beta: float = 0.0,
) -> int:
    """Convert a generator's file into event tables at `path`; return the number of events. See `read_foreign`.

    Weights of events become `log_weight`, and events of weight zero are left out.
    """
    parts = weighed(file, read_foreign(file, kind, beta=beta))
    first = next(parts)
    with EventWriter(path, attributes, tuple(first.facts)) as writer:
        for part in chain([first], parts):
            writer.append(part)
    return writer.events


def _batch(finals: list[Final], first: int, beta: float) -> Events:
    momenta = np.concatenate([final.momenta for final in finals])
    if beta:
        momenta = boosted(momenta, np.tile([0.0, 0.0, -beta], (len(momenta), 1)))
    facts = {"impact_parameter": known_impacts(np.array([final.impact for final in finals]))}
    weights = np.array([final.weight for final in finals])
    return Events(
        first + np.arange(len(finals)),
        np.array([len(final.pdg) for final in finals]),
        np.concatenate([final.pdg for final in finals]),
        momenta,
        facts if np.isnan(weights).all() else facts | {WEIGHT: weights},
    )
