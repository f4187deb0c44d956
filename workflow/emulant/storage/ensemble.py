"""Ensembles of fields in HDF5: configurations of any dtype, and columns beside them."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.hdf5 import damage_named, open_hdf5
from emulant.storage.row_files import (
    FACTS,
    attributes_of,
    check_length,
    column_of,
    facts_of,
    finite_part,
    numeric_dataset,
)
from emulant.storage.rows import Column, RowWriter

__all__ = ["Ensemble", "EnsembleWriter", "open_ensemble"]

CHUNK_SITES = 2**18
"""Sites that are read at a time: some megabytes, whatever the lattice."""
COLUMNS: dict[str, Column] = {"chain": ("int32", ()), "log_weight": ("float64", ()), "log_q": ("float64", ())}


class EnsembleWriter(RowWriter):
    """Append configurations; the file appears at `path`, whole, when all went well.

    Arguments:
        path: of the file.
        site_shape: lattice shape.
        attributes: what `provenance` returns, and more; `weights_applied` False says that `log_weight` is recorded
            but that samples count alike.
        dtype: of the configurations.
        chain: whether a `chain` column is written.
        log_weight: whether a `log_weight` column is written.
        log_q: whether the log density of each sample under its model is written.
        facts: further columns by name: conditions, works, seeds.
        averages: means over independent groups of what observables are made of, (groups, columns), where a run
            measured more often than it kept configurations.
        partial, rows: as of `RowWriter`.

    Raises:
        InputError: where `partial` holds fewer than `rows` configurations.
    """

    def __init__(
        self,
        path: str | Path,
        site_shape: tuple[int, ...],
        *,
        attributes: dict[str, Any],
        dtype: str = "float32",
        chain: bool = False,
        log_weight: bool = False,
        log_q: bool = False,
        facts: Mapping[str, Column] | None = None,
        averages: np.ndarray | None = None,
        partial: str | Path | None = None,
        rows: int = 0,
    ) -> None:
        columns: dict[str, Column] = {"configurations": (dtype, tuple(site_shape))}
        wanted = {"chain": chain, "log_weight": log_weight, "log_q": log_q}
        columns |= {name: COLUMNS[name] for name, written in wanted.items() if written}
        columns |= {f"{FACTS}/{name}": column for name, column in (facts or {}).items()}
        tables = {} if averages is None else {"averages": averages}
        super().__init__(path, columns, attributes=attributes, tables=tables, partial=partial, rows=rows)

    def append(
        self,
        configurations: np.ndarray,
        chain: np.ndarray | None = None,
        log_weight: np.ndarray | None = None,
        log_q: np.ndarray | None = None,
        facts: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Add configurations (n, *site_shape) and their columns."""
        columns = {"configurations": configurations, "chain": chain, "log_weight": log_weight, "log_q": log_q}
        self.append_rows(columns | {f"{FACTS}/{name}": values for name, values in (facts or {}).items()})


class Ensemble:
    """An open ensemble file; use as a context manager.

    Attributes:
        configurations: the HDF5 dataset, (N, *site_shape).
        attributes: file attributes, `parameters` and `library_versions` decoded.
        chain: (N,) or None.
        log_weight: (N,), or None where samples count alike: none are known, or they are recorded but not applied.
        recorded_log_weight: (N,) or None, applied or not.
        log_q: log density of each sample under the model that made it, (N,) or None.
        facts: further columns by name, (N, ...) each.
        averages: (groups, columns) of a run that measured more often than it kept configurations, or None.
    """

    def __init__(self, path: str | Path, file: h5py.File) -> None:
        self.path, self.file = Path(path), file
        self.configurations = file["configurations"]
        self.attributes = attributes_of(path, file)
        self.chain = column_of(path, file, "chain")
        self.recorded_log_weight = _finite_column(path, file, "log_weight")
        applied = self.attributes.get("weights_applied", True)
        self.log_weight = self.recorded_log_weight if applied else None
        self.log_q = _finite_column(path, file, "log_q")
        self.facts = facts_of(path, file, len(self))
        self.averages = column_of(path, file, "averages")

    @property
    def site_shape(self) -> tuple[int, ...]:
        """The lattice shape."""
        return tuple(self.configurations.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        """Of the configurations."""
        return self.configurations.dtype

    @property
    def rows_per_chunk(self) -> int:
        """Configurations that are read at a time."""
        return max(1, CHUNK_SITES // math.prod(self.site_shape))

    def __len__(self) -> int:
        return len(self.configurations)

    def read(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Read configurations start to stop; raises InputError where one is not finite."""
        return finite_part(self.path, self.configurations, start, stop)

    def chunks(self, size: int = 4096) -> Iterator[np.ndarray]:
        """Read all configurations, `size` at a time."""
        for start in range(0, len(self), size):
            yield self.read(start, min(start + size, len(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()


def open_ensemble(path: str | Path, *, site_shape: tuple[int, ...] | None = None) -> Ensemble:
    """Open an ensemble file for reading.

    Raises:
        InputError: where the file is missing, truncated, foreign, empty, or of another lattice.
    """
    file = open_hdf5(path, "an ensemble")
    try:
        with damage_named(path):
            _check(path, file, site_shape)
            return Ensemble(path, file)
    except BaseException:
        file.close()
        raise


def _check(path: str | Path, file: h5py.File, site_shape: tuple[int, ...] | None) -> None:
    name = "configurations"
    dataset = numeric_dataset(path, file, name, 2, "a dataset of numbers, (N, *lattice shape)")
    if site_shape is not None and tuple(dataset.shape[1:]) != tuple(site_shape):
        raise InputError(path, name, f"lattice shape {tuple(site_shape)}", tuple(dataset.shape[1:]))
    check_length(path, file, COLUMNS, len(dataset), numbers=True)


def _finite_column(path: str | Path, file: h5py.File, name: str) -> np.ndarray | None:
    """Read a column, if it is there; raises InputError where it is not finite."""
    column = column_of(path, file, name)
    if column is not None and not np.isfinite(column).all():
        raise InputError(path, name, "finite numbers", "NaN or infinity")
    return column
