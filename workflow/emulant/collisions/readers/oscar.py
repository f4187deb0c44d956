"""Reader of OSCAR files: 1997A (UrQMD's f19, iSS and others) and 2013 (SMASH, GiBUU, JETSCAPE).

1997A: three lines of header; for each event a line with its number, the number of particles, the impact parameter and
an angle; then a line per particle: its index, PDG number, px py pz E m x y z t. 2013: the first line names the columns;
`# event i out N` begins a list of particles and `# event i end 0 impact b` ends an event; its last list is the final state.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emulant.collisions.readers.text import Final, Lines

__all__ = ["read_1997", "read_2013"]

NEEDED = ("p0", "px", "py", "pz", "pdg")
OUT = re.compile(r"#\s*event\s+\d+\s+(?:ensemble\s+\d+\s+)?(in|out)\s+(\d+)\b")
END = re.compile(r"#\s*event\s+\d+\s+(?:ensemble\s+\d+\s+)?end\b(?:.*?\bimpact\s+(\S+))?")


def read_1997(path: str | Path) -> Iterator[Final]:
    """Yield the final states of an OSCAR1997A file; raise InputError for a line that cannot be parsed."""
    with Lines(path) as lines:
        for _ in range(3):
            if lines.next() is None:
                raise lines.error("three lines of header", "the end of the file")
        for line in lines.filled():
            entries = line.split()
            try:
                count, impact = int(entries[1]), float(entries[2]) if len(entries) > 2 else np.nan
            except (IndexError, ValueError):
                expected = "an event: its number, number of particles, impact parameter"
                raise lines.error(expected, repr(line.rstrip()[:40])) from None
            first = lines.number + 1
            table = lines.block(count, 6, f"line {first - 1}")
            yield Final(table[:, 1].astype(np.int64), table[:, 2:6], first, impact)


def read_2013(path: str | Path) -> Iterator[Final]:
    """Yield the final states of an OSCAR2013 file; raise InputError for a line that cannot be parsed."""
    with Lines(path) as lines:
        columns, width = _columns(lines)
        particles = None
        for line in lines.filled():
            if match := OUT.match(line):
                count, first = int(match[2]), lines.number + 1
                table = lines.block(count, width, f"line {first - 1}")
                pdg, momenta = (
                    table[:, columns["pdg"]],
                    table[:, [columns[name] for name in ("px", "py", "pz", "p0")]],
                )
                particles = pdg.astype(np.int64), momenta, first
            elif match := END.match(line):
                if particles is None:
                    raise lines.error("particles before the end of an event", "none")
                yield Final(*particles, _number(lines, match[1]))
                particles = None
            elif not line.startswith("#"):
                raise lines.error(
                    "'# event', for the list of particles is complete", repr(line.rstrip()[:40])
                )
        if particles is not None:
            raise lines.error("'# event ... end'", "the end of the file")


def _columns(lines: Lines) -> tuple[dict[str, int], int]:
    """Return the index of each needed column and the number of columns to read; check the units."""
    names = (lines.next() or "").split()[2:]
    units = (lines.next() or "").replace("#", " ").split()[1:]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise lines.error(f"a column {missing[0]}", " ".join(names) or "no names of columns", 1)
    columns = {name: names.index(name) for name in NEEDED}
    for name in NEEDED[:4]:
        if len(units) > columns[name] and units[columns[name]] != "GeV":
            raise lines.error(f"{name} in GeV", units[columns[name]])
    return columns, max(columns.values()) + 1


def _number(lines: Lines, text: str | None) -> float:
    try:
        return np.nan if text is None else float(text)
    except ValueError:
        raise lines.error("a number after 'impact'", repr(text)) from None
