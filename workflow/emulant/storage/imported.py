"""Arrays that users bring: .npy, .npz or HDF5, checked, in the dtype of the system, one half to train and one to judge."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.rows import RowWriter

__all__ = ["checked_rows", "copy_rows", "half_of", "import_configurations", "opened_arrays"]

CHUNK = 4096
"""Rows in memory at once."""
FEWEST = 128
"""Rows of the smallest file whose halves can be held against each other: errors need some 64 independent blocks."""
DTYPES = {
    "f": ("float32", "float64"),
    "c": ("complex64", "complex128"),
    "i": ("int8", "int16", "int32", "int64"),
    "u": ("uint8", "uint16", "uint32", "uint64"),
}
"""What a file may hold, by the kind of the system's dtype."""


def import_configurations(
    file: Path,
    path: Path,
    site_shape: tuple[int, ...],
    attributes: dict[str, Any],
    *,
    dataset: str,
    half: str,
    dtype: str = "float32",
) -> int:
    """Copy the first ("training") or second ("reference") half of a user's configurations; returns their number.

    Rows are taken as successive in one Markov chain, so that errors know their autocorrelation, unless the HDF5
    file says which chain each belongs to in a dataset `chain`.

    Arguments:
        file: .npy with an array (N, *site_shape), or HDF5 with such a dataset.
        path: ensemble file to write.
        site_shape: what the experiment's system says.
        attributes: provenance.
        dataset: name in an HDF5 file.
        half: "training" or "reference"; the two never overlap.
        dtype: of the system's configurations, to which those of the file are converted.

    Raises:
        InputError: for a missing, truncated or foreign file, a wrong dtype or shape, too few configurations, or numbers
            that are not finite or do not fit the dtype.
    """
    arrays = opened_arrays(file, [dataset])
    source = checked_rows(file, dataset, arrays[dataset], site_shape, dtype)
    chain = np.asarray(arrays["chain"]) if "chain" in arrays else np.zeros(len(source), np.int32)
    if chain.shape != (len(source),):
        raise InputError(file, "chain", f"{len(source)} entries, one a configuration", chain.shape)
    rows = half_of(len(source), half)
    with EnsembleWriter(path, site_shape, attributes=attributes, dtype=dtype, chain=True) as writer:
        names = {"configurations": dataset, "chain": "chain"}
        copy_rows(file, {"configurations": source, "chain": chain}, writer, rows, names)
    return len(rows)


def half_of(rows: int, half: str) -> range:
    """Return the rows of the first ("training") or second ("reference") half."""
    middle = rows // 2
    return range(middle) if half == "training" else range(middle, rows)


def checked_rows(file: Path, name: str, source: Any, shape: tuple[int, ...] | None, dtype: str) -> Any:
    """Return an array if it has at least FEWEST rows of this shape and kind of dtype; raises InputError otherwise."""
    allowed = DTYPES[np.dtype(dtype).kind]
    if source.dtype.name not in allowed or (shape is not None and tuple(source.shape[1:]) != tuple(shape)):
        rest = "..." if shape is None else ", ".join(map(str, shape))
        expected = f"{' or '.join(allowed)} of shape (N, {rest})"
        raise InputError(file, name, expected, f"{source.dtype} of shape {tuple(source.shape)}")
    if len(source) < FEWEST:
        raise InputError(file, name, f"at least {FEWEST} samples", len(source))
    return source


def copy_rows(
    file: Path, sources: Mapping[str, Any], writer: RowWriter, rows: range, names: Mapping[str, str]
) -> None:
    """Append a range of rows to `writer`, converted to the dtypes of its columns.

    Arguments:
        file: where `sources` come from.
        sources: arrays by column.
        writer: of the columns.
        rows: to copy.
        names: of the datasets in the file, by column.

    Raises:
        InputError: where a number is not finite, or not the same number in the column's dtype.
    """
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        read = slice(part.start, part.stop, part.step)
        columns = {}
        for column, source in sources.items():
            dtype = writer.columns[column][0]
            columns[column] = _converted(file, names[column], np.asarray(source[read]), dtype, part)
        writer.append_rows(columns)


def _converted(file: Path, name: str, values: np.ndarray, dtype: str, rows: range) -> np.ndarray:
    """Convert rows to a dtype; raises InputError for the first that it cannot hold."""
    with np.errstate(over="ignore", invalid="ignore"):
        converted = values.astype(dtype)
    good = np.isfinite(converted) if converted.dtype.kind in "fc" else converted == values
    if not good.all():
        row = rows[int(np.argmin(good.reshape(len(good), -1).all(1)))]
        expected = "finite numbers" if converted.dtype.kind in "fc" else f"numbers of {dtype}"
        got = "NaN or infinity" if converted.dtype.kind in "fc" else "others"
        raise InputError(file, name, expected, f"{got} in row {row}")
    return converted


def opened_arrays(file: Path, names: list[str]) -> Mapping[str, Any]:
    """Open the arrays of a file by name, not yet read; an .npy file has one, by the first of `names`.

    Raises:
        InputError: where the file is missing, truncated or foreign, or lacks an array of `names`.
    """
    if not file.exists():
        raise InputError(file, "file", "arrays, .npy, .npz or HDF5", "no such file")
    try:
        arrays = _arrays(file, names[0])
    except (OSError, ValueError, EOFError):
        raise InputError(
            file, "file", "a whole .npy, .npz or HDF5 file", "a truncated or foreign one"
        ) from None
    for name in names:
        if name not in arrays:
            listed = ", ".join(sorted(arrays)) or "none"
            raise InputError(file, name, f"a dataset of this name; there are {listed}")
    return arrays


def _arrays(file: Path, name: str) -> dict[str, Any]:
    """Open the arrays of an .npy file under `name`, of an .npz or of an HDF5 file under their own names."""
    if file.suffix == ".npy":
        array = np.load(file, mmap_mode="r", allow_pickle=False)
        return {name: array} if array.ndim else {}
    if file.suffix == ".npz":
        with np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files if archive[key].ndim}
    content = h5py.File(file, "r")
    return {key: item for key, item in content.items() if isinstance(item, h5py.Dataset) and item.ndim}
