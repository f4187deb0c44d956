"""What every HDF5 file of rows must satisfy when it is read; each complaint names the file and the dataset."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from emulant.errors import InputError

__all__ = ["FACTS", "attributes_of", "check_length", "facts_of", "finite_part", "numeric_dataset", "opened"]

NUMERIC = "fiuc"
"""Kinds of dtypes that samples may have: floats, integers, unsigned integers, complex numbers."""
DECODED = ("parameters", "library_versions")
FACTS = "facts"


def opened(path: str | Path, what: str) -> h5py.File:
    """Open an HDF5 file; raises InputError where it is missing, truncated or foreign."""
    if not Path(path).exists():
        raise InputError(path, "file", what, "no such file")
    try:
        return h5py.File(path, "r")
    except OSError:
        raise InputError(path, "file", "a whole HDF5 file", "a truncated or foreign one") from None


def numeric_dataset(path: str | Path, file: h5py.File, name: str, axes: int, what: str) -> h5py.Dataset:
    """Return a dataset of numbers with rows and at least `axes` axes; raises InputError where it is none."""
    dataset = file.get(name)
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind not in NUMERIC or dataset.ndim < axes:
        raise InputError(path, name, what, dataset)
    if not len(dataset):
        raise InputError(path, name, "at least one sample", "none")
    return dataset


def check_length(
    path: str | Path, file: h5py.File, names: Iterable[str], rows: int, *, numbers: bool = False
) -> None:
    """Raise InputError where a dataset, if it is there, has not one entry, or one number, for each row."""
    for name in names:
        if name in file and file[name].shape[: None if numbers else 1] != (rows,):
            raise InputError(path, name, f"{rows} entries, one a row", file[name].shape)


def finite_part(path: str | Path, dataset: h5py.Dataset, start: int, stop: int | None) -> np.ndarray:
    """Read rows of a dataset; raises InputError for the first that is not finite."""
    part = dataset[start:stop]
    if part.dtype.kind in "fc" and not np.isfinite(part).all():
        row = start + int(np.argmin(np.isfinite(part).reshape(len(part), -1).all(1)))
        name = dataset.name.lstrip("/")
        raise InputError(path, name, "finite numbers", f"NaN or infinity in row {row}")
    return part


def facts_of(path: str | Path, file: h5py.File, rows: int) -> dict[str, np.ndarray]:
    """Read the columns that lie in the group `facts`, by name, (rows, ...) each."""
    if FACTS not in file:
        return {}
    check_length(path, file, (f"{FACTS}/{name}" for name in file[FACTS]), rows)
    return {name: dataset[:] for name, dataset in file[FACTS].items()}


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
