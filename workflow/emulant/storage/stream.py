"""Rows appended to a plain binary file.

Rows on disk survive a killed process, and the file can be truncated to a number of rows from a checkpoint.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from emulant.errors import InputError

__all__ = ["RowStream", "vouched"]

# Bytes read at a time: 1 MB, whatever the size of the file.
BLOCK = 2**20


class RowStream:
    """A growing table of fixed row size, continued after `rows` rows.

    HDF5 does not serve: a process killed while it writes can leave the index of a file broken.

    Arguments:
        path: the file.
        columns: dtype of each column, with the shape of an entry: {"configurations": ("float32", (16, 16))}.
        rows: number of rows to retain of an existing file; 0 starts an empty one.

    Raises:
        InputError: if the file holds fewer rows.
    """

    def __init__(
        self, path: str | Path, columns: Mapping[str, tuple[str, tuple[int, ...]]], rows: int = 0
    ) -> None:
        self.path, self.rows = Path(path), rows
        self.dtype = np.dtype([(name, kind, shape) for name, (kind, shape) in columns.items()])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stored = self.path.stat().st_size // self.dtype.itemsize if self.path.exists() else 0
        if stored < rows:
            expected = f"{rows} rows, as its checkpoint says (remove the checkpoint to start again)"
            raise InputError(self.path, "rows", expected, stored)
        self.file = self.path.open("r+b" if rows else "wb")
        self.file.truncate(rows * self.dtype.itemsize)
        self.sum = _sum(self.path, rows * self.dtype.itemsize)
        self.file.seek(0, os.SEEK_END)

    def append(self, columns: Mapping[str, np.ndarray]) -> None:
        """Append rows: (n, *shape) of each column."""
        table = np.empty(len(columns[self.dtype.names[0]]), self.dtype)
        for name in self.dtype.names:
            table[name] = columns[name]
        data = table.tobytes()
        self.file.write(data)
        self.sum.update(data)
        self.rows += len(table)

    def vouch(self) -> tuple[int, str]:
        """Return the number of bytes and their SHA-256, for a later `vouched`."""
        return self.rows * self.dtype.itemsize, self.sum.hexdigest()

    def flush(self) -> None:
        """Write all rows to disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def chunks(self, size: int) -> Iterator[np.ndarray]:
        """Yield all rows as structured arrays of `size` rows."""
        self.flush()
        for start in range(0, self.rows, size):
            count = min(size, self.rows - start)
            yield np.fromfile(self.path, self.dtype, count, offset=start * self.dtype.itemsize)

    def close(self) -> None:
        """Close the file without removing it."""
        self.file.close()


def vouched(path: Path, size: int, digest: str) -> bool:
    """Tell whether the first `size` bytes of a file have this SHA-256."""
    return path.stat().st_size >= size and _sum(path, size).hexdigest() == digest


def _sum(path: Path, size: int) -> "hashlib._Hash":
    """Compute the running SHA-256 of the first `size` bytes of a file."""
    running = hashlib.sha256()
    with path.open("rb") as file:
        while size and (block := file.read(min(size, BLOCK))):
            running.update(block)
            size -= len(block)
    return running
