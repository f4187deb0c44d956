"""Ensembles of fields in HDF5: plain chunks of 256 configurations, readable by any h5py."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from emulant.errors import InputError

__all__ = ["Ensemble", "EnsembleWriter", "open_ensemble"]

CHUNK = 256


class EnsembleWriter:
    """Append configurations to a temporary file that is moved to `path` when all went well.

    With `partial` the temporary file is kept on error and continued by the next writer that names it with
    `rows`, the number of configurations that its owner's checkpoint vouches for.

    Arguments:
        path: final place.
        site_shape: lattice shape.
        attributes: what `provenance` returns, and more.
        dtype: of the configurations.
        chain: whether a `chain` column is written.
        log_weight: whether a `log_weight` column is written.
        partial: the temporary file, by default a hidden file beside `path`.
        rows: configurations to keep of an existing `partial`.
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
        partial: str | Path | None = None,
        rows: int = 0,
    ) -> None:
        self.path, self.keep = Path(path), partial is not None
        self.temporary = Path(partial) if partial else self.path.with_name(f".{self.path.name}.part")
        self.temporary.parent.mkdir(parents=True, exist_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.columns = {"chain": "int32"} if chain else {}
        self.columns |= {"log_weight": "float64"} if log_weight else {}
        if rows:
            self.file = h5py.File(self.temporary, "r+")
            for name in ("configurations", *self.columns):
                self.file[name].resize(rows, axis=0)
        else:
            self.file = h5py.File(self.temporary, "w")
            shape = tuple(site_shape)
            self.file.create_dataset(
                "configurations", (0, *shape), dtype, maxshape=(None, *shape), chunks=(CHUNK, *shape)
            )
            for name, kind in self.columns.items():
                self.file.create_dataset(name, (0,), kind, maxshape=(None,), chunks=(4096,))
        self.file.attrs.update(attributes)

    @property
    def rows(self) -> int:
        """Configurations written so far."""
        return len(self.file["configurations"])

    def append(
        self,
        configurations: np.ndarray,
        chain: np.ndarray | None = None,
        log_weight: np.ndarray | None = None,
    ) -> None:
        """Add configurations (n, *site_shape) and their columns."""
        start, stop = self.rows, self.rows + len(configurations)
        given = {"configurations": configurations, "chain": chain, "log_weight": log_weight}
        for name in ("configurations", *self.columns):
            self.file[name].resize(stop, axis=0)
            self.file[name][start:stop] = given[name]

    def flush(self) -> None:
        """Hand everything written so far to the disk."""
        self.file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
        if kind is None:
            self.temporary.replace(self.path)
        elif not self.keep:
            self.temporary.unlink(missing_ok=True)


class Ensemble:
    """An open ensemble file; use as a context manager.

    Attributes:
        configurations: the HDF5 dataset, (N, *site_shape).
        attributes: file attributes, `parameters` and `library_versions` decoded.
        chain: (N,) or None.
        log_weight: (N,) or None.
    """

    def __init__(self, path: str | Path, file: h5py.File) -> None:
        self.path, self.file = Path(path), file
        self.configurations = file["configurations"]
        self.attributes = {key: _decoded(key, value) for key, value in file.attrs.items()}
        self.chain = file["chain"][:] if "chain" in file else None
        self.log_weight = file["log_weight"][:] if "log_weight" in file else None

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
    dataset = file.get("configurations")
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind != "f" or dataset.ndim < 2:
        file.close()
        raise InputError(path, "configurations", "a dataset of floats, (N, *lattice shape)", dataset)
    if not len(dataset):
        file.close()
        raise InputError(path, "configurations", "at least one configuration", "none")
    if site_shape is not None and tuple(dataset.shape[1:]) != tuple(site_shape):
        got = tuple(dataset.shape[1:])
        file.close()
        raise InputError(path, "configurations", f"lattice shape {tuple(site_shape)}", got)
    return Ensemble(path, file)


def _decoded(key: str, value: Any) -> Any:
    if key in ("parameters", "library_versions"):
        return json.loads(value)
    return value.item() if isinstance(value, np.generic) else value
