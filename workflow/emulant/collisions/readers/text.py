"""Text files of generators, read line by line, with errors that name the line."""

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TextIO

import numpy as np

from emulant.collisions.checks import MOST
from emulant.collisions.readers.numbers import BadNumber, Columns, fortran_whole, table_of
from emulant.errors import InputError

__all__ = ["Absent", "Final", "Lines", "open_binary", "open_text", "pdg_numbers"]

LONGEST = 2**20
"""Characters of a line: lists of weights have some ten thousand, and what has no lines at all must not fill the memory."""
COMPRESSED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@dataclass(frozen=True)
class Final:
    """Final state of one event, as in the file.

    Attributes:
        pdg: PDG numbers, (n,).
        momenta: px, py, pz and E in GeV, (n, 4).
        line: line of the first particle, or 0 in a format without lines.
        impact: impact parameter in fm, NaN if the file does not contain it.
        unit: name of what `line` counts, for errors.
        weight: how much the event counts, NaN if the file does not say.
        remark: what is to be said of events like this one, after their number; "" for nothing.
    """

    pdg: np.ndarray
    momenta: np.ndarray
    line: int
    impact: float = np.nan
    unit: str = "line"
    weight: float = np.nan
    remark: str = ""


@dataclass(frozen=True)
class Absent:
    """An event that the file names without its particles.

    Attributes:
        remark: why, after their number.
    """

    remark: str


def open_text(path: str | Path) -> TextIO:
    """Open a text file, compressed or not; raise InputError if it does not exist."""
    return _opener(path)(path, "rt", encoding="utf-8", errors="replace")


def open_binary(path: str | Path) -> BinaryIO:
    """Open a file, compressed or not, for its bytes; raise InputError if it does not exist."""
    return _opener(path)(path, "rb")


def _opener(path: str | Path) -> Callable[..., Any]:
    path = Path(path)
    if not path.exists():
        raise InputError(path, "file", "a file of events", "no such file")
    return COMPRESSED.get(path.suffix, open)


def pdg_numbers(path: str | Path, column: np.ndarray, line: int) -> np.ndarray:
    """Return PDG numbers from a column of floats; raises InputError for what is not whole. `line` is that of the first."""
    with np.errstate(invalid="ignore"):
        numbers = column.astype(np.int64)
    if np.any(bad := numbers != column):
        first = int(np.argmax(bad))
        raise InputError(path, f"pdg, line {line + first}", "a whole number", f"{column[first]:g}")
    return numbers


class Lines:
    """Text file that counts its lines.

    Attributes:
        number: number of the line that was read last, from 1.
    """

    def __init__(self, path: str | Path) -> None:
        self.path, self.file, self.number = Path(path), open_text(path), 0
        self.pushed: str | None = None

    def next(self) -> str | None:
        """Return the next line, None at the end; raise InputError if a compressed file is truncated."""
        if self.pushed is not None:
            line, self.pushed = self.pushed, None
        else:
            try:
                line = self.file.readline(LONGEST)
            except (EOFError, OSError, lzma.LZMAError):
                raise self.error(
                    "a whole compressed file", "a truncated or foreign one", self.number + 1
                ) from None
        if not line:
            return None
        self.number += 1
        if len(line) == LONGEST:
            raise self.error(f"a line of fewer than {LONGEST} characters", "a longer one")
        return line

    def back(self, line: str) -> None:
        """Push the last line back, to be read again."""
        self.pushed = line
        self.number -= 1

    def filled(self) -> Iterator[str]:
        """Yield the remaining lines that are not blank."""
        while (line := self.next()) is not None:
            if line.strip():
                yield line

    def block(self, count: int, columns: Columns, what: str) -> np.ndarray:
        """Return the first `columns.number` numbers of the next `count` lines, (count, columns.number).

        Raises:
            InputError: if a line is missing, is too short, or contains something else.
        """
        if not 0 <= count <= MOST:
            raise self.error(f"a number of particles from 0 to {MOST}", count)
        lines, start = [], self.number + 1
        for _ in range(count):
            line = self.next()
            if line is None:
                raise self.error(
                    f"{count} particles, as {what} says", f"the end of the file after {len(lines)}"
                )
            lines.append(line)
        try:
            return table_of(lines, columns)
        except BadNumber as error:
            raise self.error(error.expected, error.got, start + error.row) from None

    def count(self, entry: str) -> int:
        """Return a whole number of the last line; raises InputError for anything else."""
        try:
            return fortran_whole(entry)
        except ValueError:
            raise self.error("a number of particles", repr(entry[:40])) from None

    def error(self, expected: str, got: object, number: int | None = None) -> InputError:
        """Return an error about the last line, or about line `number`."""
        return InputError(self.path, f"line {self.number if number is None else number}", expected, got)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
