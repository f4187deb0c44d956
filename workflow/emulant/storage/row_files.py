"""What every HDF5 file of rows must satisfy when it is read; each complaint names the file and the dataset."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.hdf5 import dtype_of, read_rows

__all__ = [
    "FACTS",
    "attributes_of",
    "check_length",
    "column_of",
    "facts_of",
    "finite_part",
    "numeric_dataset",
]

NUMERIC = "fiuc"
"""Kinds of dtypes that samples may have: floats, integers, unsigned integers, complex numbers."""
DECODED = ("parameters", "library_versions")
FACTS = "facts"


def numeric_dataset(path: str | Path, file: h5py.File, name: str, axes: int, what: str) -> h5py.Dataset:
    """Return a dataset of numbers with rows and at least `axes` axes; raises InputError where it is none."""
    dataset = file.get(name)
    if not _is_numeric(path, dataset) or dataset.ndim < axes:
        raise InputError(path, name, what, dataset)
    if not len(dataset):
        raise InputError(path, name, "at least one sample", "none")
    return dataset


def _is_numeric(path: str | Path, dataset: Any) -> bool:
    return isinstance(dataset, h5py.Dataset) and dtype_of(path, dataset).kind in NUMERIC


def check_length(
    path: str | Path, file: h5py.File, names: Iterable[str], rows: int, *, numbers: bool = False
) -> None:
    """Raise InputError where what is there is no dataset of one entry, or one number, for each row."""
    for name in names:
        if name not in file:
            continue
        dataset = file.get(name)
        if not _is_numeric(path, dataset):
            raise InputError(path, name, f"{rows} numbers, one a row", dataset)
        if dataset.shape[: None if numbers else 1] != (rows,):
            raise InputError(path, name, f"{rows} entries, one a row", dataset.shape)


def column_of(path: str | Path, file: h5py.File, name: str) -> np.ndarray | None:
    """Read a dataset, if it is there; raises InputError where it has no numbers."""
    if name not in file:
        return None
    if not _is_numeric(path, file[name]):
        raise InputError(path, name, "a dataset of numbers", file[name])
    return read_rows(path, file[name])


def finite_part(path: str | Path, dataset: h5py.Dataset, start: int, stop: int | None) -> np.ndarray:
    """Read rows of a dataset; raises InputError for the first that is not finite."""
    part = read_rows(path, dataset, slice(start, stop))
    if part.dtype.kind in "fc" and not np.isfinite(part).all():
        row = start + int(np.argmin(np.isfinite(part).reshape(len(part), -1).all(1)))
        name = dataset.name.lstrip("/")
        raise InputError(path, name, "finite numbers", f"NaN or infinity in row {row}")
    return part


def facts_of(path: str | Path, file: h5py.File, rows: int) -> dict[str, np.ndarray]:
    """Read the columns that lie in the group `facts`, by name, (rows, ...) each."""
    if FACTS not in file:
        return {}
    if not isinstance(file.get(FACTS), h5py.Group):
        raise InputError(path, FACTS, "a group of columns", file.get(FACTS))
    check_length(path, file, (f"{FACTS}/{name}" for name in file[FACTS]), rows)
    return {name: read_rows(path, dataset) for name, dataset in file[FACTS].items()}


def attributes_of(path: str | Path, file: h5py.File) -> dict[str, Any]:
    """Read the attributes, those in JSON decoded; raises InputError where a needed one is missing or no JSON."""
    for name in ("system", "parameters", "sampler"):
        if name not in file.attrs:
            raise InputError(path, name, "an attribute of an ensemble", "none")
    return {name: _decoded(path, name, value) for name, value in file.attrs.items()}


def _decoded(path: str | Path, name: str, value: Any) -> Any:
    if name in DECODED:
        try:
            return json.loads(value)
        except (TypeError, json.JSONDecodeError):
            raise InputError(path, name, "an attribute in JSON", value) from None
    return value.item() if isinstance(value, np.generic) else value
