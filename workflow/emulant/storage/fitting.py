"""Numbers in the type of a column, none of them changed: HDF5 clips what does not fit, and NumPy wraps it."""

from pathlib import Path
from typing import Any

import numpy as np

from emulant.errors import InputError

__all__ = ["fitted"]


def fitted(path: str | Path, name: str, values: Any, dtype: str, rows: range | None = None) -> np.ndarray:
    """Convert rows (n, ...) to `dtype`; numbers may be rounded to its precision, nothing else.

    Arguments:
        path: file of the rows, for errors.
        name: of the column, for errors.
        values: of the rows.
        dtype: NumPy's name.
        rows: their numbers, for errors.

    Raises:
        InputError: for the first row with a number that `dtype` cannot hold: out of its range, or not whole.
    """
    values = np.asarray(values)
    if values.dtype == dtype:
        return values
    if values.dtype.kind not in "biufc":
        raise InputError(path, name, f"numbers of {dtype}", str(values.dtype))
    with np.errstate(over="ignore", invalid="ignore"):
        real = values.real if np.dtype(dtype).kind != "c" else values
        converted = real.astype(dtype)
        good = _alike(converted, values)
    if not good.all():
        first = int(np.argmin(good.reshape(len(good), -1).all(1)))
        wrong = values[first][~good[first]].flat[0] if values.ndim > 1 else values[first]
        row = first if rows is None else rows[first]
        raise InputError(path, name, f"numbers of {dtype}", f"{wrong:.12g} in row {row}")
    return converted


def _alike(converted: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Tell of each number whether it is the same after a conversion, but for rounding between floating types."""
    rounded = converted.dtype.kind == values.dtype.kind == "c" or (
        converted.dtype.kind in "fc" and values.dtype.kind == "f"
    )
    if rounded:
        return np.isfinite(converted) | ~np.isfinite(values)
    # An unsigned number comes back from a negative one: both comparisons are needed.
    return (converted == values) & (converted.astype(values.dtype) == values)
