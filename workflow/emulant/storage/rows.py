"""Tables of rows in HDF5: plain chunks of 256 rows, readable by any h5py."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from emulant.storage.atomic import temporary_path
from emulant.storage.disk import Disk
from emulant.storage.fitting import fitted
from emulant.storage.stream import RowStream

__all__ = ["Column", "RowWriter"]

CHUNK, CHUNK_COLUMN = 256, 4096
"""Rows of an HDF5 chunk, of arrays and of numbers: some 100 kB of a lattice, and of a column."""
COPIED = 4096
"""Rows in memory while a stream becomes a file."""

Column = tuple[str, tuple[int, ...]]
"""Dtype of a column and shape of one entry."""


class RowWriter:
    """Append rows; the file appears at `path`, whole, when all went well.

    With `partial` the rows go to a stream first, which is kept on error and continued by the next writer that
    names it with `rows`, the number that its owner's checkpoint vouches for. The file's bytes do not depend on where
    the stream was interrupted.

    Arguments:
        path: of the file.
        columns: by the names of the datasets; a name with `/` lies in a group. Rows are counted in the first.
        attributes: of the file.
        tables: further datasets, written at once.
        partial: path of the stream.
        rows: to keep of an existing `partial`.

    Raises:
        InputError: where `partial` holds fewer than `rows` rows.
    """

    def __init__(
        self,
        path: str | Path,
        columns: Mapping[str, Column],
        *,
        attributes: Mapping[str, Any],
        tables: Mapping[str, np.ndarray] | None = None,
        partial: str | Path | None = None,
        rows: int = 0,
    ) -> None:
        self.path, self.columns, self.attributes = Path(path), dict(columns), attributes
        self.first, self.tables = next(iter(self.columns)), tables or {}
        self.temporary = temporary_path(self.path)
        self.stream = RowStream(partial, self.columns, rows) if partial else None
        self.file, self.disk = (None, None) if partial else self._new_file()

    @property
    def rows(self) -> int:
        """Rows written so far."""
        return self.stream.rows if self.stream else len(self.file[self.first])

    def append_rows(self, columns: Mapping[str, np.ndarray]) -> None:
        """Add rows: (n, *shape) of each column; raises InputError where a number is not one of its column's type."""
        numbers = range(self.rows, self.rows + len(columns[self.first]))
        fitting = {
            name: fitted(self.path, name, columns[name], kind, numbers)
            for name, (kind, _) in self.columns.items()
        }
        if self.stream:
            self.stream.append(fitting)
        else:
            self._extend(fitting)

    def flush(self) -> None:
        """Hand everything written so far to the disk."""
        (self.stream or self.file).flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._clean()

    def _new_file(self) -> tuple[h5py.File, Disk]:
        disk = Disk(self.temporary)
        file = h5py.File(disk, "w")
        for name, (kind, shape) in self.columns.items():
            chunk = (CHUNK, *shape) if shape else (CHUNK_COLUMN,)
            file.create_dataset(name, (0, *shape), kind, maxshape=(None, *shape), chunks=chunk)
        for name, table in self.tables.items():
            file[name] = table
        file.attrs.update(self.attributes)
        return file, disk

    def _extend(self, columns: Mapping[str, np.ndarray]) -> None:
        start = len(self.file[self.first])
        stop = start + len(columns[self.first])
        for name in self.columns:
            self.file[name].resize(stop, axis=0)
            self.file[name][start:stop] = columns[name]
            self.disk.check()

    def _finish(self) -> None:
        if self.stream:
            self.file, self.disk = self._new_file()
            for table in self.stream.chunks(COPIED):
                self._extend({name: table[name] for name in self.columns})
        self.file.close()
        self.disk.check()
        os.fsync(self.disk.fileno())
        self.temporary.replace(self.path)
        if self.stream:
            self.stream.path.unlink()

    def _clean(self) -> None:
        if self.stream:
            self.stream.close()
        if self.file is not None:
            self.file.close()
            self.disk.close()
        self.temporary.unlink(missing_ok=True)
