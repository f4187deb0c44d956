"""Text files of generators, read line by line, with errors that name the line."""

import bz2
import gzip
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import numpy as np

from emulant.errors import InputError

__all__ = ["Final", "Lines", "open_text"]

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
    """

    pdg: np.ndarray
    momenta: np.ndarray
    line: int
    impact: float = np.nan
    unit: str = "line"


def open_text(path: str | Path) -> TextIO:
    """Open a text file, compressed or not; raise InputError if it does not exist."""
    path = Path(path)
    if not path.exists():
        raise InputError(path, "file", "a file of events", "no such file")
    return COMPRESSED.get(path.suffix, open)(path, "rt", encoding="utf-8", errors="replace")


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
                line = self.file.readline()
            except (EOFError, OSError, lzma.LZMAError):
                raise self.error(
                    "a whole compressed file", "a truncated or foreign one", self.number + 1
                ) from None
        if not line:
            return None
        self.number += 1
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

    def block(self, count: int, columns: int, what: str) -> np.ndarray:
        """Return the first `columns` numbers of the next `count` lines, (count, columns).

        Raises:
            InputError: if a line is missing, is too short, or contains something else.
        """
        rows, start = [], self.number
        for _ in range(count):
            line = self.next()
            if line is None:
                raise self.error(
                    f"{count} particles, as {what} says", f"the end of the file after {len(rows)}"
                )
            rows.append(line.split(None, columns)[:columns])
        try:
            return np.array(rows, float).reshape(count, columns)
        except ValueError:
            for number, row in enumerate(rows, start + 1):
                if len(row) < columns:
                    raise self.error(f"{columns} columns", len(row), number) from None
                self._numbers(row, number)
            raise

    def _numbers(self, row: list[str], number: int) -> None:
        for column, entry in enumerate(row, 1):
            try:
                float(entry)
            except ValueError:
                raise self.error(f"a number in column {column}", repr(entry), number) from None

    def error(self, expected: str, got: object, number: int | None = None) -> InputError:
        """Return an error about the last line, or about line `number`."""
        return InputError(self.path, f"line {self.number if number is None else number}", expected, got)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
