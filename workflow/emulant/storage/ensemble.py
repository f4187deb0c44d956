"""Ensembles of fields in HDF5: plain chunks of 256 configurations, readable by any h5py."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.atomic import temporary_path
from emulant.storage.disk import Disk
from emulant.storage.stream import RowStream

__all__ = ["Ensemble", "EnsembleWriter", "open_ensemble"]

CHUNK, CHUNK_COLUMN, COPIED = 256, 4096, 4096


class EnsembleWriter:
    """Append configurations; the file appears at `path`, whole, when all went well.

    With `partial` the rows go to a stream first, which is kept on error and continued by the next writer that
    names it with `rows`, the number of configurations that its owner's checkpoint vouches for. The file's bytes
    do not depend on where the stream was interrupted.

    Arguments:
        path: final place.
        site_shape: lattice shape.
        attributes: what `provenance` returns, and more.
        dtype: of the configurations.
        chain: whether a `chain` column is written.
        log_weight: whether a `log_weight` column is written.
        averages: means over independent groups of what observables are made of, (groups, columns), where a run
            measured more often than it kept configurations.
        partial: place of the stream.
        rows: configurations to keep of an existing `partial`.

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
        averages: np.ndarray | None = None,
        partial: str | Path | None = None,
        rows: int = 0,
    ) -> None:
        self.path, self.attributes, self.averages = Path(path), attributes, averages
        self.temporary = temporary_path(self.path)
        self.columns: dict[str, tuple[str, tuple[int, ...]]] = {"configurations": (dtype, tuple(site_shape))}
        self.columns |= {"chain": ("int32", ())} if chain else {}
        self.columns |= {"log_weight": ("float64", ())} if log_weight else {}
        self.stream = RowStream(partial, self.columns, rows) if partial else None
        self.file, self.disk = (None, None) if partial else self._new_file()

    @property
    def rows(self) -> int:
        """Configurations written so far."""
        return self.stream.rows if self.stream else len(self.file["configurations"])

    def append(
        self,
        configurations: np.ndarray,
        chain: np.ndarray | None = None,
        log_weight: np.ndarray | None = None,
    ) -> None:
        """Add configurations (n, *site_shape) and their columns."""
        given = {"configurations": configurations, "chain": chain, "log_weight": log_weight}
        if self.stream:
            self.stream.append(given)
        else:
            self._extend(given)

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
        if self.averages is not None:
            file["averages"] = self.averages
        file.attrs.update(self.attributes)
        return file, disk

    def _extend(self, columns: Mapping[str, np.ndarray]) -> None:
        start = len(self.file["configurations"])
        stop = start + len(columns["configurations"])
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


class Ensemble:
    """An open ensemble file; use as a context manager.

    Attributes:
        configurations: the HDF5 dataset, (N, *site_shape).
        attributes: file attributes, `parameters` and `library_versions` decoded.
        chain: (N,) or None.
        log_weight: (N,) or None.
        averages: (groups, columns) of a run that measured more often than it kept configurations, or None.
    """

    def __init__(self, path: str | Path, file: h5py.File) -> None:
        self.path, self.file = Path(path), file
        self.configurations = file["configurations"]
        self.attributes = {key: _decoded(path, key, value) for key, value in file.attrs.items()}
        self.chain = file["chain"][:] if "chain" in file else None
        self.log_weight = file["log_weight"][:] if "log_weight" in file else None
        self.averages = file["averages"][:] if "averages" in file else None
        if self.log_weight is not None and not np.isfinite(self.log_weight).all():
            raise InputError(path, "log_weight", "finite numbers", "NaN or infinity")

    @property
    def site_shape(self) -> tuple[int, ...]:
        """The lattice shape."""
        return tuple(self.configurations.shape[1:])

    def __len__(self) -> int:
        return len(self.configurations)

    def read(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Configurations start to stop in memory, checked to be finite."""
        part = self.configurations[start:stop]
        if not np.isfinite(part).all():
            row = start + int(np.argmin(np.isfinite(part).reshape(len(part), -1).all(1)))
            raise InputError(self.path, "configurations", "finite numbers", f"NaN or infinity in row {row}")
        return part

    def chunks(self, size: int = 4096) -> Iterator[np.ndarray]:
        """All configurations, `size` at a time."""
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
    if not Path(path).exists():
        raise InputError(path, "file", "an ensemble", "no such file")
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise InputError(path, "file", "a whole HDF5 file", "a truncated or foreign one") from None
    try:
        _check_dataset(path, file, site_shape)
        return Ensemble(path, file)
    except BaseException:
        file.close()
        raise


def _check_dataset(path: str | Path, file: h5py.File, site_shape: tuple[int, ...] | None) -> None:
    dataset = file.get("configurations")
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind != "f" or dataset.ndim < 2:
        raise InputError(path, "configurations", "a dataset of floats, (N, *lattice shape)", dataset)
    if not len(dataset):
        raise InputError(path, "configurations", "at least one configuration", "none")
    if site_shape is not None and tuple(dataset.shape[1:]) != tuple(site_shape):
        raise InputError(
            path, "configurations", f"lattice shape {tuple(site_shape)}", tuple(dataset.shape[1:])
        )
    for name in ("chain", "log_weight"):
        if name in file and file[name].shape != (len(dataset),):
            raise InputError(path, name, f"{len(dataset)} entries, one a configuration", file[name].shape)
    for name in ("system", "parameters", "sampler"):
        if name not in file.attrs:
            raise InputError(path, name, "an attribute of an ensemble", "none")


def _decoded(path: str | Path, key: str, value: Any) -> Any:
    if key in ("parameters", "library_versions"):
        try:
            return json.loads(value)
        except (TypeError, json.JSONDecodeError):
            raise InputError(path, key, "an attribute in JSON", value) from None
    return value.item() if isinstance(value, np.generic) else value
