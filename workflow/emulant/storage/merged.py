"""Files of rows made apart, put together as one with a check."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py

from emulant.errors import InputError
from emulant.storage.hdf5 import damage_named, open_hdf5, read_rows
from emulant.storage.pieces import FIRST_SAMPLE
from emulant.storage.row_files import FACTS, attributes_of
from emulant.storage.rows import Column, RowWriter

__all__ = ["check_ranges", "merge_rows"]

CHUNK = 4096
"""Rows in memory at once."""


def merge_rows(
    path: Path, parts: Sequence[Path], attributes: Mapping[str, Any], *, samples: int, alike: Iterable[str]
) -> None:
    """Copy the rows of `parts` in their order to `path`.

    Arguments:
        path: file to write.
        parts: files of rows that say FIRST_SAMPLE.
        attributes: of `path`; it may itself be a part that says FIRST_SAMPLE.
        samples: how many rows there must be.
        alike: attributes in which all parts must agree.

    Raises:
        InputError: where a part is unreadable or differs from the first in its columns or an attribute of `alike`, or a
            sample is missing or there twice.
    """
    columns = _check_alike(parts, tuple(alike))
    first = attributes.get(FIRST_SAMPLE, 0)
    check_ranges(path, [_range(part, next(iter(columns))) for part in parts], range(first, first + samples))
    with RowWriter(path, columns, attributes=attributes) as writer:
        for part in parts:
            with open_hdf5(part, "a part") as file:
                for start in range(0, len(file[writer.first]), CHUNK):
                    chunk = slice(start, start + CHUNK)
                    writer.append_rows({name: read_rows(part, file[name], chunk) for name in columns})


def check_ranges(path: Path, ranges: Iterable[range], samples: range) -> None:
    """Raise InputError where ranges of samples, in their order, are not all of `samples`, each once."""
    expected = samples.start
    for part in ranges:
        if part.start != expected:
            fault = "there twice" if part.start < expected else "missing"
            number = min(part.start, expected)
            raise InputError(path, "samples", f"sample {number} once", f"sample {number} {fault}")
        expected = part.stop
    if expected != samples.stop:
        raise InputError(path, "samples", f"{len(samples)} in all shards", expected - samples.start)


def _check_alike(parts: Sequence[Path], alike: tuple[str, ...]) -> dict[str, Column]:
    """Return the columns that all parts have."""
    first, columns, expected = parts[0], {}, {}
    for part in parts:
        with open_hdf5(part, "a part") as file, damage_named(part):
            attributes = attributes_of(part, file)
            if part == first:
                columns, expected = _columns(file), attributes
            for name in alike:
                if attributes.get(name) != expected.get(name):
                    raise InputError(
                        part, name, f"{expected.get(name)} as in {first.name}", attributes.get(name)
                    )
            if _columns(file) != columns:
                raise InputError(
                    part, "columns", f"{', '.join(columns)} as in {first.name}", ", ".join(_columns(file))
                )
    return columns


def _columns(file: h5py.File) -> dict[str, Column]:
    """Return dtype and shape of each column, in the order in which a writer has them: columns of numbers last."""
    names = [name for name in file if name != FACTS] + [f"{FACTS}/{name}" for name in file.get(FACTS, ())]
    columns = {name: (file[name].dtype.name, tuple(file[name].shape[1:])) for name in names}
    order = ("configurations", "inputs", "outputs", "chain", "log_weight", "log_q")
    first = [name for name in order if name in columns]
    return {name: columns[name] for name in (*first, *(name for name in columns if name not in first))}


def _range(part: Path, first: str) -> range:
    """Return which samples a part has."""
    with open_hdf5(part, "a part") as file, damage_named(part):
        if FIRST_SAMPLE not in file.attrs:
            raise InputError(part, FIRST_SAMPLE, "an attribute of a shard", "none")
        start = int(file.attrs[FIRST_SAMPLE])
        return range(start, start + len(file[first]))
