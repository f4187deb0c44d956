"""Arrays that users bring: .npy, .npz or HDF5, checked, in the dtype of the system, one half to train and one to judge."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.storage.array_files import opened_arrays
from emulant.storage.chains import chain_names, chains_of, check_chains
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.fitting import fitted
from emulant.storage.hdf5 import read_rows
from emulant.storage.row_weights import refuse_weights, weight_names
from emulant.storage.rows import RowWriter

__all__ = ["Admit", "checked_rows", "copy_rows", "half_of", "import_configurations"]

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


Admit = Callable[[np.ndarray], tuple[np.ndarray, str]]
"""Configurations as a system takes them, and what to say of the file, empty where nothing was changed."""


def import_configurations(
    file: Path,
    path: Path,
    site_shape: tuple[int, ...],
    attributes: dict[str, Any],
    *,
    dataset: str,
    half: str,
    dtype: str = "float32",
    chains: int | None = None,
    order: str | None = None,
    admit: Admit = lambda configurations: (configurations, ""),
) -> dict[str, Any]:
    """Copy the first ("training") or second ("reference") half of a user's configurations; returns what to say of them.

    Errors must know the autocorrelation along each Markov chain. Which chain a row belongs to is said by whole numbers in
    an array `chain` beside the dataset or at the top of the file, or by `chains` and `order`; without either, rows are
    taken as successive in one chain, and refused where they cannot be (`storage.chains`).

    Arguments:
        file: .npy with an array (N, *site_shape), or .npz or HDF5 with such an array.
        path: ensemble file to write.
        site_shape: what the experiment's system says.
        attributes: provenance.
        dataset: name in an HDF5 file.
        half: "training" or "reference"; the two never overlap.
        dtype: of the system's configurations, to which those of the file are converted.
        chains: number of chains of equal length in the file.
        order: "interleaved", the first row of each chain and then the second, or "successive", chain after chain.
        admit: brings configurations (n, *site_shape) into the range of the system, or refuses them with an InputError.

    Returns:
        samples, chains, where the numbers of the chains come from, and `remarks` where configurations were changed.

    Raises:
        InputError: for a missing, truncated or foreign file, a wrong dtype or shape, too few configurations, numbers
            that are not finite or do not fit the dtype, rows that are not in the order that is said, or weights that differ.
    """
    with opened_arrays(file, [dataset], [*chain_names(dataset), *weight_names(dataset)]) as arrays:
        refuse_weights(file, arrays, dataset)
        source = checked_rows(file, dataset, arrays[dataset], site_shape, dtype)
        told = chains_of(file, arrays, dataset, len(source), chains=chains, order=order)
        series, remarks = _surveyed(file, dataset, source, dtype, admit)
        check_chains(file, dataset, told, series)
        rows, said = half_of(len(source), half), {"remarks": remarks} if remarks else {}
        with EnsembleWriter(
            path, site_shape, attributes=attributes | said, dtype=dtype, chain=True
        ) as writer:
            columns = {"configurations": source, "chain": told.number}
            names = {"configurations": dataset, "chain": "chain"}
            copy_rows(file, columns, writer, rows, names, {"configurations": admit})
    return {"samples": len(rows), **told.record(), **said}


def _surveyed(file: Path, name: str, source: Any, dtype: str, admit: Admit) -> tuple[np.ndarray, list[str]]:
    """Compute numbers of each row that tell neighbours in a chain, (N, 3): mean, its modulus, and mean square.

    Returns them with all remarks on the rows.
    """
    parts, remarks = [], {}
    for rows in _in_chunks(range(len(source))):
        values, remark = _admitted(file, name, admit, _converted(file, name, source, dtype, rows))
        remarks |= {remark: None} if remark else {}
        flat = values.reshape(len(values), -1)
        mean = flat.mean(axis=1, dtype=np.complex128 if flat.dtype.kind == "c" else np.float64)
        square = (np.abs(flat).astype(np.float64) ** 2).mean(axis=1)
        parts.append(np.column_stack([mean.real, np.abs(mean), square]))
    return np.concatenate(parts), list(remarks)


def _admitted(file: Path, name: str, admit: Admit, values: np.ndarray) -> tuple[np.ndarray, str]:
    """Let a system take its configurations; what it refuses is named after the file."""
    try:
        return admit(values)
    except InputError as error:
        raise InputError(file, name, error.expected, error.got) from None


def half_of(rows: int, half: str) -> range:
    """Return the rows of the first ("training") or second ("reference") half."""
    middle = rows // 2
    return range(middle) if half == "training" else range(middle, rows)


def checked_rows(
    file: Path, name: str, source: Any, shape: tuple[int, ...] | None, dtype: str, kinds: str = ""
) -> Any:
    """Return an array if it has at least FEWEST rows of this shape and kind of dtype, or one of the further `kinds`.

    Raises:
        InputError: otherwise.
    """
    allowed = [name for kind in (np.dtype(dtype).kind, *kinds) for name in DTYPES[kind]]
    if source.dtype.name not in allowed or (shape is not None and tuple(source.shape[1:]) != tuple(shape)):
        rest = "..." if shape is None else ", ".join(map(str, shape))
        expected = f"{' or '.join(allowed)} of shape (N, {rest})"
        raise InputError(file, name, expected, f"{source.dtype} of shape {tuple(source.shape)}")
    if len(source) < FEWEST:
        raise InputError(file, name, f"at least {FEWEST} samples", len(source))
    return source


def copy_rows(
    file: Path,
    sources: Mapping[str, Any],
    writer: RowWriter,
    rows: range,
    names: Mapping[str, str],
    admit: Mapping[str, Admit] = MappingProxyType({}),
) -> None:
    """Append a range of rows to `writer`, converted to the dtypes of its columns.

    Arguments:
        file: where `sources` come from.
        sources: arrays by column.
        writer: of the columns.
        rows: to copy.
        names: of the datasets in the file, by column.
        admit: what brings a column into the range of the system.

    Raises:
        InputError: where a number is not finite, or not the same number in the column's dtype.
    """
    for part in _in_chunks(rows):
        values = {
            column: _converted(file, names[column], source, writer.columns[column][0], part)
            for column, source in sources.items()
        }
        taken = {column: _admitted(file, names[column], admit[column], values[column])[0] for column in admit}
        writer.append_rows(values | taken)


def _in_chunks(rows: range) -> Iterator[range]:
    """Divide rows into parts that are in memory together."""
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _converted(file: Path, name: str, source: Any, dtype: str, rows: range) -> np.ndarray:
    """Read rows in a dtype; raises InputError for the first that it cannot hold, or that is not finite."""
    values = read_rows(file, source, slice(rows.start, rows.stop, rows.step))
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(values.astype(dtype)) if np.dtype(dtype).kind in "fc" else np.isfinite(values)
    if not finite.all():
        row = rows[int(np.argmin(finite.reshape(len(finite), -1).all(1)))]
        raise InputError(file, name, "finite numbers", f"NaN or infinity in row {row}")
    return fitted(file, name, values, dtype, rows)
