"""Tables of design points: parameters, observables there, and their statistical errors, as calibrations keep them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from emulant.errors import InputError
from emulant.storage.array_files import opened_arrays

__all__ = ["DesignTable", "read_table"]

ARRAYS = ("parameters", "observables", "errors")
"""By name in a file of arrays, and in a table."""


@dataclass(frozen=True)
class DesignTable:
    """Design points.

    Attributes:
        names: of the parameters.
        parameters: (n, d).
        labels: of the observables.
        observables, errors: (n, m); errors are zero where none are known.
        numbers: of the points in the files, from 0, (n,).
    """

    names: tuple[str, ...]
    parameters: np.ndarray
    labels: tuple[str, ...]
    observables: np.ndarray
    errors: np.ndarray
    numbers: np.ndarray

    def __len__(self) -> int:
        return len(self.parameters)

    def without(self, points: Sequence[int]) -> Self:
        """Leave out design points by their numbers."""
        rows = ~np.isin(self.numbers, points)
        return replace(self, **{name: vars(self)[name][rows] for name in (*ARRAYS, "numbers")})

    def unit(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Parameters as uniform variables of unit variance about zero, over ranges (d,)."""
        return (2 * (self.parameters - low) / (high - low) - 1) * np.sqrt(3)


def read_table(
    design: Path,
    observables: Path | None = None,
    errors: Path | None = None,
    leave_out: Sequence[int] = (),
) -> DesignTable:
    """Read design points from tables in CSV, or from one file of arrays (.npz or HDF5).

    Arguments:
        design: CSV with a header of names and a row for each point, a column `idx` is its number; or the arrays
            `parameters`, `observables` and, where there are any, `errors`.
        observables, errors: CSV with a header and a row for each design point, in the same order.
        leave_out: numbers of the points, from 0, that are not used.

    Raises:
        InputError: for columns that are no numbers, tables of different lengths, or a number that is not finite, with its
            point.
    """
    if design.suffix in (".npz", ".h5", ".hdf5"):
        return _checked(dict.fromkeys(ARRAYS, design), _from_arrays(design), leave_out)
    if observables is None:
        raise InputError(design, "observables", "a second table, of the observables", "none")
    names, parameters = _from_csv(design)
    labels, values = _from_csv(observables)
    error = np.zeros_like(values) if errors is None else _from_csv(errors)[1]
    numbers = np.arange(len(parameters))
    files = dict(zip(ARRAYS, (design, observables, errors or observables), strict=True))
    return _checked(files, DesignTable(names, parameters, labels, values, error, numbers), leave_out)


def _from_csv(path: Path) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and numbers of a table."""
    try:
        table = pd.read_csv(path).drop(columns="idx", errors="ignore")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(path, "file", "a table in CSV with a header", error) from None
    for name, column in table.items():
        if not pd.api.types.is_numeric_dtype(column):
            raise InputError(path, str(name), "a column of numbers", str(column.dtype))
    return tuple(map(str, table.columns)), table.to_numpy(dtype=np.float64)


def _from_arrays(path: Path) -> DesignTable:
    """All arrays of one file; parameters and observables are numbered."""
    with opened_arrays(path, list(ARRAYS[:2]), list(ARRAYS[2:])) as arrays:
        parts = {name: np.asarray(arrays[name][()], dtype=np.float64) for name in ARRAYS if name in arrays}
    for name, values in parts.items():
        if values.ndim != 2:
            raise InputError(path, name, "an array (points, numbers)", f"shape {values.shape}")
    parameters, observables = (parts[name] for name in ARRAYS[:2])
    names, labels = (tuple(map(str, range(part.shape[1]))) for part in (parameters, observables))
    errors = parts.get("errors", np.zeros_like(observables))
    return DesignTable(names, parameters, labels, observables, errors, np.arange(len(parameters)))


def _checked(files: Mapping[str, Path], table: DesignTable, leave_out: Sequence[int]) -> DesignTable:
    """Return the points that are used, after checking lengths and that all their numbers are finite."""
    shapes = {"observables": (len(table), len(table.labels)), "errors": table.observables.shape}
    for name, shape in shapes.items():
        if vars(table)[name].shape != shape:
            raise InputError(
                files[name], name, f"{shape[0]} points of {shape[1]} observables", vars(table)[name].shape
            )
    for number in leave_out:
        if number >= len(table):
            raise InputError(
                files["parameters"], "leave_out", f"numbers of points below {len(table)}", number
            )
    table = table.without(leave_out)
    for name in ARRAYS:
        bad = ~np.isfinite(vars(table)[name]).all(axis=1)
        if bad.any():
            point = int(table.numbers[np.argmax(bad)])
            raise InputError(
                files[name],
                name,
                "finite numbers (`leave_out` leaves a point out)",
                f"NaN or infinity at point {point}",
            )
    if (table.errors < 0).any():
        raise InputError(files["errors"], "errors", "errors of zero or more", float(table.errors.min()))
    return table
