"""A chunk of points of the plane and the quantities that its observables share."""

from functools import cached_property

import numpy as np

from emulant.contracts.quantity import Quantity
from emulant.statistics.cumulants import ORDER

__all__ = ["COLUMNS", "Averages", "Points", "complex_moments"]

COLUMNS = [f"{part}_z{n}" for n in range(1, ORDER + 1) for part in ("re", "im")] + ["x2", "y2", "xy"]


class Points:
    """Points (x, y).

    Arguments:
        configurations: shape (n, 2), as stored.
    """

    def __init__(self, configurations: np.ndarray) -> None:
        self.configurations = configurations

    @cached_property
    def values(self) -> np.ndarray:
        """Return the points in float64."""
        return self.configurations.astype(np.float64, copy=False)

    @cached_property
    def complex_moments(self) -> np.ndarray:
        """Compute Re and Im of z, ..., z⁸, then x², y², xy, in the order of COLUMNS, (n, 19)."""
        return complex_moments(self.values)

    def powers(self, axis: int) -> np.ndarray:
        """Compute x, ..., x⁸ (axis 0) or y, ..., y⁸ (axis 1), (n, 8)."""
        return np.cumprod(np.repeat(self.values[:, axis, None], ORDER, axis=1), axis=1)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Return the quantities whose distributions are drawn: x and y."""
        return {"x": Quantity(self.values[:, :1], "x"), "y": Quantity(self.values[:, 1:], "y")}


class Averages:
    """Averages of groups of points, with the interface of `Points` that observables use.

    Arguments:
        complex_moments: means of the columns COLUMNS, (groups, 19).
    """

    def __init__(self, complex_moments: np.ndarray) -> None:
        self.complex_moments = complex_moments


def complex_moments(points: np.ndarray) -> np.ndarray:
    """Compute the columns COLUMNS of points (n, 2), (n, 19)."""
    x, y = np.asarray(points, dtype=float).T
    z = np.cumprod(np.repeat((x + 1j * y)[:, None], ORDER, axis=1), axis=1)
    return np.column_stack([np.stack([z.real, z.imag], axis=2).reshape(len(z), -1), x * x, y * y, x * y])
