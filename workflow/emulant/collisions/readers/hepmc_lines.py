"""Lines of HepMC files, checked before pyhepmc reads them: it trusts every count, and takes what is no number for 0.

HepMC2 (IO_GenEvent): an event's line E ends with lists of random states and of weights, each after its length, and says
how many lines V follow; each V says how many lines P follow it, and of how many weights. HepMC3 (Asciiv3): E says how many
vertices and particles follow; vertices that say nothing new have no line V.
"""

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import NamedTuple

from emulant.collisions.readers.text import Lines

__all__ = ["Beginning", "checked_events"]

VERSION_2 = "HepMC::IO_GenEvent"
WHOLE, REAL = r"[+-]?\d{1,10}", r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan|inf)"
MOMENTUM = rf"(?: {REAL}){{5}}"
"""px, py, pz, E and the mass."""
PARTICLE = {
    # Barcode, PDG number, momentum, status, two angles of polarisation, barcode of the end vertex, flows.
    2: re.compile(
        rf"P {WHOLE} ({WHOLE}){MOMENTUM} [+-]?\d+ \S+ \S+ {WHOLE} (\d{{1,3}})((?: \S+)*)", re.ASCII
    ),
    # Number, mother or vertex, PDG number, momentum, status.
    3: re.compile(rf"P (\d+) {WHOLE} ({WHOLE}){MOMENTUM} [+-]?\d+", re.ASCII),
}
LARGEST = 2**31
"""PDG numbers are below it; pyhepmc cuts off what is above."""
COUNT = re.compile(r"\d{1,9}", re.ASCII)
SMALL = r"[+-]?\d{1,9}"
FINITE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?"
HEAVY_ION = "GenHeavyIon"
NUMBERS = {"v0": (9, 6, 4), "v1": (7, 5, 4)}
"""Version of this attribute -> its whole, real and whole numbers, before two lists of pairs, each after its length."""


class Beginning(NamedTuple):
    """Where an event begins.

    Attributes:
        line: from 1.
        empty: whether the event says that it has neither vertices nor particles.
    """

    line: int
    empty: bool


def checked_events(path: str | Path) -> tuple[int, list[Beginning]]:
    """Return the version of a file and where its events begin.

    Raises:
        InputError: for a line that is not what its event says, or particles that are missing at the end of one.
    """
    version, beginnings = 3, []
    with Lines(path) as lines:
        event: _Event = _Third(lines)
        while (line := lines.next()) is not None:
            if line.startswith("E "):
                event.finish()
                beginnings.append(Beginning(lines.number, event.begin(line.split())))
            elif line.startswith("P "):
                event.particle(line)
            elif line.startswith("V "):
                event.vertex(line.split())
            elif line.startswith("A "):
                event.attribute(line.split())
            elif line.startswith("HepMC::"):
                event.finish()
                version = 2 if line.startswith(VERSION_2) else version
                event = _Second(lines) if version == 2 else _Third(lines)
        event.finish()
    return version, beginnings


class _Event(ABC):
    """What an event still has to have."""

    def __init__(self, lines: Lines) -> None:
        self.lines, self.line, self.vertices, self.particles = lines, 0, 0, 0

    @abstractmethod
    def begin(self, entries: list[str]) -> bool:
        """Take the line E; returns whether the event says that it is empty."""

    @abstractmethod
    def vertex(self, entries: list[str]) -> None:
        """Take a line V."""

    @abstractmethod
    def particle(self, line: str) -> None:
        """Take a line P."""

    def attribute(self, entries: list[str]) -> None:
        """Take a line A; other attributes than that of heavy ions are not used."""
        if entries[2:3] != [HEAVY_ION]:
            return
        whole, real, last = NUMBERS.get("".join(entries[3:4]), (0, 0, 0))
        at = 4 + whole + real + last
        kinds = rf"(?: {SMALL}){{{whole}}}(?: {FINITE}){{{real}}}(?: {SMALL}){{{last}}}"
        # Behind anything else pyhepmc takes whatever is in the memory for the lengths.
        if at == 4 or not re.fullmatch(kinds, "".join(f" {entry}" for entry in entries[4:at]), re.ASCII):
            raise self.lines.error(f"the numbers of {HEAVY_ION}", repr(" ".join(entries[3:at])[:60]))
        for _ in range(2):
            at += 1 + 2 * self.count(entries, at, f"the lengths of two lists of {HEAVY_ION}")
        if len(entries) != at:
            raise self.lines.error(f"{at} entries of {HEAVY_ION}, as its lengths say", len(entries))

    def finish(self) -> None:
        """Raise InputError where something of the event is missing."""
        if self.vertices > 0 or self.particles > 0:
            missing = f"{self.particles} particles" if self.particles > 0 else f"{self.vertices} vertices"
            raise self.lines.error(
                "a whole HepMC event from here", f"a truncated one, without {missing}", self.line
            )

    def count(self, entries: list[str], column: int, what: str) -> int:
        """Return a count in a line."""
        if column >= len(entries) or not COUNT.fullmatch(entries[column]):
            got = entries[column] if column < len(entries) else f"{len(entries)} entries"
            raise self.lines.error(what, got)
        return int(entries[column])

    def check_one_more(self, left: int, what: str) -> None:
        """Raise InputError for a line of which the event has said no more."""
        if left <= 0:
            raise self.lines.error(f"no more {what}, as line {self.line} says", "one more")

    def match(self, version: int, line: str) -> re.Match:
        """Return what a particle's line consists of."""
        match = PARTICLE[version].fullmatch(" ".join(line.split()))
        if match is None or abs(int(match[1 if version == 2 else 2])) >= LARGEST:
            raise self.lines.error("the numbers of a particle", repr(line.rstrip()[:60]))
        return match


class _Second(_Event):
    """Of HepMC2."""

    def begin(self, entries: list[str]) -> bool:
        self.line, what = self.lines.number, "an event of HepMC2, with the lengths of its lists"
        self.vertices, self.particles = self.count(entries, 8, what), 0
        weights = 12 + self.count(entries, 11, what)
        total = weights + 1 + self.count(entries, weights, what)
        if len(entries) != total:
            raise self.lines.error(f"{total} entries, as the lengths of the lists say", len(entries))
        return not self.vertices

    def vertex(self, entries: list[str]) -> None:
        if self.particles:
            raise self.lines.error(f"{self.particles} more particles of the last vertex", "a vertex")
        self.check_one_more(self.vertices, "vertices")
        what = "a vertex of HepMC2, with the numbers of its particles and weights"
        self.particles = self.count(entries, 7, what) + self.count(entries, 8, what)
        if len(entries) != (total := 10 + self.count(entries, 9, what)):
            raise self.lines.error(f"{total} entries, as the number of weights says", len(entries))
        self.vertices -= 1

    def particle(self, line: str) -> None:
        self.check_one_more(self.particles, "particles")
        match = self.match(2, line)
        if len(match[3].split()) != 2 * int(match[2]):
            raise self.lines.error(f"{match[2]} flows", repr(match[3].strip()[:40]))
        self.particles -= 1


class _Third(_Event):
    """Of HepMC3."""

    def begin(self, entries: list[str]) -> bool:
        self.line, what = self.lines.number, "an event of HepMC3, with its numbers of vertices and particles"
        self.vertices, self.particles = self.count(entries, 2, what), self.count(entries, 3, what)
        self.most = self.vertices, self.particles
        return self.most == (0, 0)

    def vertex(self, entries: list[str]) -> None:
        self.check_one_more(self.vertices, "vertices")
        self.vertices -= 1

    def particle(self, line: str) -> None:
        self.check_one_more(self.particles, "particles")
        number, expected = self.match(3, line)[1], self.most[1] - self.particles + 1
        if int(number) != expected:
            raise self.lines.error(f"particle {expected} of its event", number)
        self.particles -= 1

    def finish(self) -> None:
        # A vertex without a line of its own is the end of a particle.
        if self.line and self.most[0] > sum(self.most[1:]):
            raise self.lines.error(
                "no more vertices than particles", f"{self.most[0]} of {self.most[1]}", self.line
            )
        self.vertices = 0
        super().finish()
