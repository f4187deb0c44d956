"""Numbers of text files: quickly where they are plain, and as Fortran writes them where they are not.

Fortran writes exponents with a D, drops the letter before an exponent of three digits, and fills a field with stars where
a number does not fit. Stars are read as NaN in columns that nobody uses.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np

__all__ = ["BadNumber", "Columns", "fortran_float", "fortran_whole", "table_of"]

D_EXPONENT = re.compile(r"(?<=[\d.])[dD](?=[+-]?\d)")
BARE_EXPONENT = re.compile(r"(\d*\.\d*)([+-]\d{3})(?![\d.])")
"""A mantissa with its point, so that integers in adjacent fields are not taken for one."""
WHOLE = 2.0**53
"""Doubles below it are whole where they look so."""
STARS = re.compile(r"\*+")
ODD = re.compile(r"\*|(?<=[\d.])[+-]\d{3}(?![\d.])")
"""In a line or an entry that is not plain."""


class BadNumber(ValueError):
    """An entry that is no number.

    Arguments:
        row: of the line, from 0.
        expected: what should be there.
        got: what is.
    """

    def __init__(self, row: int, expected: str, got: object) -> None:
        self.row, self.expected, self.got = row, expected, got
        super().__init__(f"row {row}: expected {expected}, got {got}")


@dataclass(frozen=True)
class Columns:
    """What is read of each line of a table.

    Attributes:
        number: first columns that are read.
        used: those of them, from 0, whose values count; the others may hold stars.
        total: columns of a whole line, where they are known: lines with stars or bare exponents must have as many.
        widths: characters of the first columns in Fortran's format, where fields may touch; empty if blanks separate them.
    """

    number: int
    used: Collection[int]
    total: int | None = None
    widths: tuple[int, ...] = ()

    @cached_property
    def fields(self) -> list[slice]:
        """Where the characters of each of the first columns lie in a line, by their widths."""
        return [slice(start, end) for start, end in pairwise(accumulate(self.widths, initial=0))]


def fortran_float(entry: str) -> float:
    """Return the number of an entry, by Fortran's or the usual rules; raises ValueError."""
    if "_" in entry or not entry.isascii():
        # Python's literals and other alphabets' digits, which no generator writes.
        raise ValueError(f"{entry!r} is no number")
    try:
        return float(entry)
    except ValueError:
        return float(BARE_EXPONENT.sub(r"\1E\2", D_EXPONENT.sub("E", entry)))


def fortran_whole(entry: str) -> int:
    """Return the whole number of an entry; raises ValueError for anything else, and beyond what doubles tell apart."""
    number = fortran_float(entry)
    if not abs(number) < WHOLE or number != round(number):
        raise ValueError(f"{entry!r} is no whole number")
    return int(number)


def table_of(lines: Sequence[str], columns: Columns) -> np.ndarray:
    """Return the first columns of lines, (lines, columns.number).

    Raises:
        BadNumber: for the first line that is too short or has something else in a column.
    """
    try:
        return _plain(lines, columns.number)
    except ValueError:
        usual = [D_EXPONENT.sub("E", line) for line in lines]
    try:
        return _plain(usual, columns.number)
    except ValueError:
        return _sorted_out(usual, columns)


def _sorted_out(lines: Sequence[str], columns: Columns) -> np.ndarray:
    """Read the lines that are plain together, the others one by one."""
    table = np.empty((len(lines), columns.number))
    odd = np.array([ODD.search(line) is not None for line in lines])
    try:
        table[~odd] = _plain([lines[row] for row in np.flatnonzero(~odd)], columns.number)
    except ValueError:
        odd[:] = True
    for row in map(int, np.flatnonzero(odd)):
        table[row] = _row(row, lines[row], columns)
    return table


def _plain(lines: Sequence[str], number: int) -> np.ndarray:
    """Read plain numbers; raises ValueError for anything else, blank lines included."""
    if not lines:
        return np.zeros((0, number))
    table = np.loadtxt(lines, usecols=range(number), comments=None, ndmin=2)
    if len(table) != len(lines):
        raise ValueError("blank lines")
    return table


def _row(row: int, line: str, columns: Columns) -> list[float]:
    """Read one line, entry by entry."""
    entries = _fields(row, line, columns)
    if len(entries) < columns.number:
        raise BadNumber(row, f"{columns.number} columns", len(entries))
    return [_number(row, column, entry, columns) for column, entry in enumerate(entries[: columns.number])]


def _number(row: int, column: int, entry: str, columns: Columns) -> float:
    """Read one entry, NaN for stars in a column that is not used."""
    if column not in columns.used and STARS.fullmatch(entry):
        return np.nan
    try:
        return fortran_float(entry)
    except ValueError:
        raise BadNumber(row, f"a number in column {column + 1}", repr(entry)) from None


def _fields(row: int, line: str, columns: Columns) -> list[str]:
    """Split a line, in which stars and bare exponents may touch their neighbours.

    Raises:
        BadNumber: where columns cannot be told apart.
    """
    entries = STARS.sub(lambda stars: f" {stars[0]} ", line).split()
    odd = next((column for column, entry in enumerate(entries) if ODD.search(entry)), None)
    if odd is None or odd > max(columns.used):
        return entries
    if columns.widths:
        cells = [line[field].strip() for field in columns.fields]
        numbers = [cell for cell in cells if not STARS.fullmatch(cell)]
        if numbers == [entry for entry in entries if not STARS.match(entry)][: len(numbers)]:
            return cells
        raise BadNumber(row, "fields in Fortran's columns", repr(line.strip()[:40]))
    if columns.total not in (None, len(entries)):
        raise BadNumber(row, f"{columns.total} columns", len(entries))
    return entries
