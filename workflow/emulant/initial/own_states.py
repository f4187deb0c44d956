"""Initial states that users bring: entropy densities of a .npy, .npz or HDF5 file, checked, and padded to a box."""

from pathlib import Path

import numpy as np

from emulant.errors import InputError
from emulant.storage.array_files import opened_arrays

__all__ = ["read_states"]

ENTROPY = (1.0, 1e6)
"""Of an event per unit of rapidity: central Pb+Pb at 5 TeV has some 10^4, p+p some 50."""
SMALLEST = 8
"""Cells along an axis."""


def read_states(
    path: str | Path,
    spacing: float,
    *,
    cells: int | None = None,
    dataset: str = "densities",
    norm: float = 1.0,
) -> np.ndarray:
    """Return tau_0 s in 1/fm^2, (N, cells, cells), axes x and y, of a file of one event (n, n) or many (N, n, n).

    Arguments:
        path: .npy, .npz or HDF5.
        spacing: of the file's grid in fm; the grid stays as it is.
        cells: of the box along an axis, as many as the file's if not said; vacuum is added on all sides.
        dataset: name of the densities in .npz and HDF5.
        norm: that multiplies them, such as tau_0 s over reduced thickness.

    Raises:
        InputError: where they are no squares, are negative, not finite or in other units, or the box is too small.
    """
    file = Path(path)
    if not 0 < spacing < np.inf:
        raise InputError(file, "spacing", "a number of fm > 0", spacing)
    with opened_arrays(file, [dataset]) as arrays:
        values = np.asarray(arrays[dataset][...], float) * norm
    values = values[None] if values.ndim == 2 else values
    if values.ndim != 3 or values.shape[1] != values.shape[2] or values.shape[1] < SMALLEST:
        raise InputError(file, dataset, f"shape (events, n, n), n >= {SMALLEST}", values.shape)
    _check_values(file, dataset, values, spacing)
    return _padded(file, values, cells or values.shape[1])


def _check_values(file: Path, dataset: str, values: np.ndarray, spacing: float) -> None:
    """Raise InputError, naming the event, for what no density of entropy is."""
    totals = values.sum(axis=(1, 2)) * spacing**2
    low, high = ENTROPY
    for bad, what, shown in (
        (~np.isfinite(values).all(axis=(1, 2)), "finite numbers", totals),
        (values.min(axis=(1, 2)) < 0, "numbers >= 0", values.min(axis=(1, 2))),
        (
            (totals < low) | (totals > high),
            f"tau_0 s in 1/fm^2 whose sum over the plane is {low:g} to {high:g}",
            totals,
        ),
    ):
        if bad.any():
            event = int(np.argmax(bad))
            raise InputError(file, dataset, what, f"{shown[event]:.3g} in event {event}")


def _padded(file: Path, values: np.ndarray, cells: int) -> np.ndarray:
    """Add vacuum on all sides; the centre stays in the middle."""
    more = cells - values.shape[1]
    if more < 0 or more % 2:
        expected = f"{values.shape[1]} and an even number more, so that the centre stays"
        raise InputError(file, "cells", expected, cells)
    side = (more // 2, more // 2)
    return np.pad(values, [(0, 0), side, side])
