"""Reader of OSCAR files: 1997A (UrQMD's f19, iSS and others) and 2013 (SMASH, GiBUU, JETSCAPE).

1997A: three lines of header, which may come again before any event; for each event a line with its number, the number of
particles, the impact parameter and an angle; then a line per particle: its index, PDG number, px py pz E m x y z t.
2013: the first line names the columns; `# event i out N` begins a list of particles and `# event i end 0 impact b` ends an
event; its last list is the final state. SMASH writes no list for nuclei that missed each other where it is told so
(`Only_Final: IfNotEmpty`).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emulant.collisions.readers.numbers import Columns, fortran_float, fortran_whole
from emulant.collisions.readers.text import Absent, Final, Lines, pdg_numbers

__all__ = ["read_1997", "read_2013"]

NEEDED = ("p0", "px", "py", "pz", "pdg")
EVENT = r"#\s*event\s+\d+\s+(?:ensemble\s+(?P<ensemble>\d+)\s+)?"
OUT = re.compile(EVENT + r"(?:in|out)\s+(?P<count>\d+)\b")
END = re.compile(EVENT + r"end\b(?:.*?\bimpact\s+(?P<impact>\S+))?")
COLLIDED = re.compile(r"\b(?:scattering_projectile_target\s+yes|empty:?\s+no)\b")
"""What SMASH says, today and in its first versions, of nuclei that met."""
HEADER_1997, HEADER_2013 = re.compile(r"(?:#\s*)?OSC1997A"), "#!OSCAR2013"
COLUMNS_1997 = Columns(6, used=range(1, 6), total=11)
MISSED = "without a list of particles (nuclei that missed each other) are left out"
PARALLEL = "are of SMASH's parallel ensembles, which count as independent although a mean field may join them"


def read_1997(path: str | Path) -> Iterator[Final]:
    """Yield the final states of an OSCAR1997A file; raise InputError for a line that cannot be parsed."""
    with Lines(path) as lines:
        for line in lines.filled():
            if lines.number == 1 or HEADER_1997.match(line):
                _skip_header(lines)
                continue
            entries = line.split()
            try:
                count, impact = (
                    fortran_whole(entries[1]),
                    fortran_float(entries[2]) if len(entries) > 2 else np.nan,
                )
            except (IndexError, ValueError):
                expected = "an event: its number, number of particles, impact parameter"
                raise lines.error(expected, repr(line.rstrip()[:40])) from None
            first = lines.number + 1
            table = lines.block(count, COLUMNS_1997, f"line {first - 1}")
            yield Final(pdg_numbers(path, table[:, 1], first), table[:, 2:6], first, impact)


def _skip_header(lines: Lines) -> None:
    """Skip the two lines after the first one of a header."""
    for _ in range(2):
        if lines.next() is None:
            raise lines.error("three lines of header", "the end of the file")


def read_2013(path: str | Path) -> Iterator[Final | Absent]:
    """Yield the final states of an OSCAR2013 file; raise InputError for a line that cannot be parsed."""
    with Lines(path) as lines:
        names, columns = _header(lines, lines.next() or "")
        particles = None
        for line in lines.filled():
            if match := OUT.match(line):
                particles = _particles(lines, lines.count(match["count"]), names, columns)
            elif match := END.match(line):
                impact = _number(lines, match["impact"])
                remark = PARALLEL if (match["ensemble"] or "").strip("0") else ""
                if particles is not None:
                    yield Final(*particles, impact, remark=remark)
                elif COLLIDED.search(line):
                    raise lines.error("particles before the end of an event", "none")
                else:
                    yield Absent(MISSED)
                particles = None
            elif line.startswith(HEADER_2013):
                names, columns = _header(lines, line)
            elif not line.startswith("#"):
                raise lines.error(
                    "'# event', for the list of particles is complete", repr(line.rstrip()[:40])
                )
        if particles is not None:
            raise lines.error("'# event ... end'", "the end of the file")


def _header(lines: Lines, line: str) -> tuple[list[str], Columns]:
    """Return the names of the columns and which are read, from the first line of a header; check the units in the next."""
    names, first = line.split()[2:], lines.number
    units = (lines.next() or "").replace("#", " ").split()[1:]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise lines.error(f"a column {missing[0]}", " ".join(names) or "no names of columns", first)
    for name in NEEDED[:4]:
        column = names.index(name)
        if len(units) > column and units[column] != "GeV":
            raise lines.error(f"{name} in GeV", units[column])
    used = [column for column, name in enumerate(names) if name in NEEDED or _is_weight(name)]
    return names, Columns(max(used) + 1, used, len(names))


def _is_weight(name: str) -> bool:
    return "weight" in name


def _particles(
    lines: Lines, count: int, names: list[str], columns: Columns
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return PDG numbers, momenta and the line of the first particle of a list; refuse particles with weights."""
    first = lines.number + 1
    table = lines.block(count, columns, f"line {first - 1}")
    for column in filter(lambda column: _is_weight(names[column]), columns.used):
        if np.any(weighted := table[:, column] != 1):
            row = int(np.argmax(weighted))
            expected = f"{names[column]} 1, for particles count alike"
            raise lines.error(expected, f"{table[row, column]:g}", first + row)
    momenta = table[:, [names.index(name) for name in ("px", "py", "pz", "p0")]]
    return pdg_numbers(lines.path, table[:, names.index("pdg")], first), momenta, first


def _number(lines: Lines, text: str | None) -> float:
    try:
        return np.nan if text is None else fortran_float(text)
    except ValueError:
        raise lines.error("a number after 'impact'", repr(text)) from None
