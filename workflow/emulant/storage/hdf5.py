"""HDF5 files, opened and read; where that fails, one line with HDF5's own reason."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.refusals import reason_of, refusal

__all__ = ["check_written", "damage_named", "dtype_of", "open_hdf5", "read_rows"]


def open_hdf5(path: str | Path, what: str = "an HDF5 file", whole: str = "a whole HDF5 file") -> h5py.File:
    """Open a file for reading.

    Arguments:
        path: of the file.
        what: it should be, where there is none.
        whole: what it should be, where it cannot be read.

    Raises:
        InputError: where it is missing, locked, not to be read, truncated or foreign.
    """
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise refusal(path, error, what, whole) from None


@contextmanager
def damage_named(path: str | Path) -> Iterator[None]:
    """Turn what h5py raises within for a damaged structure of a file into an InputError with its reason."""
    try:
        yield
    except (OSError, RuntimeError, KeyError) as error:
        # A KeyError of any other text says that there is no such name.
        if isinstance(error, KeyError) and "synchronously" not in str(error):
            raise
        raise InputError(path, "file", "a whole HDF5 file", f"a damaged one ({reason_of(error)})") from None


def dtype_of(path: str | Path, array: Any) -> np.dtype:
    """Return the dtype of a dataset, or of an array; raises InputError where NumPy has none for it."""
    try:
        return array.dtype
    except (TypeError, ValueError) as error:
        raise InputError(path, array.name.lstrip("/"), "a dataset of numbers", reason_of(error)) from None


def read_rows(path: str | Path, array: Any, rows: slice = slice(None)) -> np.ndarray:
    """Read rows of a dataset, or of an array that is no HDF5.

    Raises:
        InputError: where a filter is not installed, or a chunk is damaged.
    """
    try:
        return np.asarray(array[rows])
    except (OSError, RuntimeError) as error:
        raise _unreadable(path, array, rows, reason_of(error)) from None


def check_written(path: str | Path, dataset: h5py.Dataset) -> None:
    """Raise InputError where parts of a dataset were never written, which HDF5 reads as zeros."""
    name = dataset.name.lstrip("/")
    for source in dataset.virtual_sources() if dataset.is_virtual else ():
        file = Path(path).parent / source.file_name
        if source.file_name != "." and "%" not in source.file_name and not file.exists():
            raise InputError(path, name, f"the file {source.file_name}, of which it consists", "no such file")
    if dataset.is_virtual or not dataset.size:
        return
    if dataset.chunks:
        chunks = math.prod(-(-n // c) for n, c in zip(dataset.shape, dataset.chunks, strict=True))
        written = dataset.id.get_num_chunks()
    else:
        # Of a dataset in one piece HDF5 knows no more than whether there is room for it in the file.
        chunks, written = 1, min(1, dataset.id.get_storage_size() or len(dataset.external or ()))
    if written < chunks:
        expected = "a dataset that was written to its end"
        raise InputError(path, name, expected, f"{written} of its {chunks} chunks")


def _unreadable(path: str | Path, dataset: h5py.Dataset, rows: slice, reason: str) -> InputError:
    """Return what to say of a dataset that could not be read."""
    name = dataset.name.lstrip("/")
    missing = ", ".join(_missing_filters(dataset))
    if missing:
        expected = "filters that are installed (HDF5_PLUGIN_PATH says where HDF5 looks)"
        return InputError(path, name, expected, f"{missing}, which HDF5 does not have ({reason})")
    return InputError(path, name, "chunks that can be read", f"{_damaged_chunk(dataset, rows)} ({reason})")


def _missing_filters(dataset: h5py.Dataset) -> Iterator[str]:
    """Number and name of each filter of a dataset that HDF5 does not have."""
    properties = dataset.id.get_create_plist()
    for number in range(properties.get_nfilters()):
        code, _, _, name = properties.get_filter(number)
        if not h5py.h5z.filter_avail(code):
            yield f"filter {code} {name.decode(errors='replace')}".rstrip()


def _damaged_chunk(dataset: h5py.Dataset, rows: slice) -> str:
    """Say where the first chunk lies that cannot be read, of those with some of `rows`."""
    first, last, _ = rows.indices(len(dataset))
    try:
        chunks = []
        dataset.id.chunk_iter(lambda chunk: chunks.append(chunk))
    except (AttributeError, OSError, RuntimeError, TypeError, ValueError):
        return "a damaged dataset"
    for chunk in chunks:
        corner = zip(chunk.chunk_offset, dataset.chunks, dataset.shape, strict=True)
        region = tuple(slice(start, min(start + size, end)) for start, size, end in corner)
        if region[0].start < last and region[0].stop > first and not _is_readable(dataset, region):
            return f"a damaged one of rows {region[0].start} to {region[0].stop - 1}, at byte {chunk.byte_offset}"
    return "a damaged dataset"


def _is_readable(dataset: h5py.Dataset, region: tuple[slice, ...]) -> bool:
    try:
        dataset[region]
    except (OSError, RuntimeError):
        return False
    return True
