"""A chunk of points of the plane and what observables share about it."""

from functools import cached_property

import numpy as np

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
        """The points in float64."""
        return self.configurations.astype(np.float64, copy=False)

    @cached_property
    def complex_moments(self) -> np.ndarray:
        """Re and Im of z, ..., z⁸, then x², y², xy, in the order of COLUMNS, (n, 19)."""
        return complex_moments(self.values)

    def powers(self, axis: int) -> np.ndarray:
        """x, ..., x⁸ (axis 0) or y, ..., y⁸ (axis 1), (n, 8)."""
        return np.cumprod(np.repeat(self.values[:, axis, None], ORDER, axis=1), axis=1)

    @property
    def quantities(self) -> dict[str, np.ndarray]:
        """What distributions are drawn of, the marginals."""
        return {"x": self.values[:, :1], "y": self.values[:, 1:]}


class Averages:
    """Averages of groups of points, shown to observables in the place of single points.

    Arguments:
        complex_moments: means of the columns COLUMNS, (groups, 19).
    """

    def __init__(self, complex_moments: np.ndarray) -> None:
        self.complex_moments = complex_moments


def complex_moments(points: np.ndarray) -> np.ndarray:
    """The columns COLUMNS of points (n, 2), (n, 19)."""
    x, y = np.asarray(points, dtype=float).T
    z = np.cumprod(np.repeat((x + 1j * y)[:, None], ORDER, axis=1), axis=1)
    return np.column_stack([np.stack([z.real, z.imag], axis=2).reshape(len(z), -1), x * x, y * y, x * y])
