"""Reader of UrQMD's files f13 and f14, as its subroutine output.f writes them.

Each event has a header that ends with a line `pvec:`, and then for each output time a line with the number of particles
and the time, a line of counters, and a line per particle: t x y z E px py pz m, type, 2 I3, charge, and history; f13
appends the freeze-out coordinates. The last time is the final state. The header has the velocity of the boost to the
nucleon-nucleon centre of mass, 0 if the cascade ran in it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from emulant.collisions.events import boosted
from emulant.collisions.readers.numbers import Columns, fortran_float, fortran_whole
from emulant.collisions.readers.text import Final, Lines
from emulant.collisions.urqmd_types import to_pdg

__all__ = ["read"]

COLUMNS = Columns(12, used=(4, 5, 6, 7, 9, 10), widths=(*(16,) * 9, 11, 3, 3))
"""Columns that are read: t x y z E px py pz m, type, 2 I3, charge; widths of output.f's format 9e16.8, i11, 2i3."""
HEADER, PARTICLES = "UQMD", "pvec:"
FACTS = {
    "impact": re.compile(r"impact_parameter_real[^:]*:(.*)"),
    "beta": re.compile(r"transformation betas[^)]*\)(.*)"),
}


def read(path: str | Path) -> Iterator[Final]:
    """Yield the final states of all events.

    Raises:
        InputError: for a line that cannot be parsed, or a resonance that has not decayed.
    """
    with Lines(path) as lines:
        for line in lines.filled():
            if not line.startswith(HEADER):
                raise lines.error(f"the header {HEADER} of an event", repr(line.rstrip()[:40]))
            facts = _header(lines)
            final = _last_time(lines, facts.get("impact", np.nan))
            velocity = np.tile([0.0, 0.0, facts.get("beta", 0.0)], (len(final.pdg), 1))
            yield replace(final, momenta=boosted(final.momenta, velocity))


def _header(lines: Lines) -> dict[str, float]:
    """Read the header of an event up to its particles; return the facts in it."""
    facts, start = {}, lines.number
    for line in lines.filled():
        for name, pattern in FACTS.items():
            if match := pattern.match(line):
                try:
                    facts[name] = fortran_float(match[1].split()[0])
                except (IndexError, ValueError):
                    raise lines.error(f"a number for {name}", repr(line.rstrip()[:60])) from None
        if line.startswith(PARTICLES):
            return facts
        if line.startswith(HEADER):
            raise lines.error(f"{PARTICLES} in the header that line {start} begins", "another header")
    raise lines.error(f"{PARTICLES} in the header that line {start} begins", "the end of the file")


def _last_time(lines: Lines, impact: float) -> Final:
    """Read the states at all output times of an event; return the last one."""
    final = None
    for line in lines.filled():
        if line.startswith(HEADER):
            lines.back(line)
            break
        try:
            count, _ = line.split()[:2]
            count = fortran_whole(count)
        except ValueError:
            raise lines.error("the number of particles and the time", repr(line.rstrip()[:40])) from None
        if lines.next() is None:
            raise lines.error("a line of counters", "the end of the file")
        final = _particles(lines, count, impact)
    if final is None:
        raise lines.error("the number of particles and the time", "no more lines of this event")
    return final


def _particles(lines: Lines, count: int, impact: float) -> Final:
    first = lines.number + 1
    table = lines.block(count, COLUMNS, f"line {first - 2}")
    pdg = to_pdg(table[:, 9], table[:, 10]) if count else np.zeros(0, np.int64)
    if not pdg.all():
        resonance = int(np.argmin(pdg != 0))
        expected = "a particle that lives to the end (let resonances decay)"
        raise lines.error(expected, f"UrQMD's type {table[resonance, 9]:.0f}", first + resonance)
    return Final(pdg, table[:, [5, 6, 7, 4]], first, impact)
