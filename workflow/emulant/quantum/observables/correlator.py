"""Connected correlator of the position in imaginary time."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.quantum.views import Paths

POINTS = 10
"""Times up to half of the circle at which it is measured: neighbouring ones say nearly the same."""


def separations(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Numbers of points between the two times: 0 and about ten up to half of the circle."""
    half = shape[0] // 2
    return tuple(int(t) for t in np.unique(np.rint(np.linspace(0, half, min(POINTS, half) + 1))))


def primaries(paths: Paths) -> np.ndarray:
    """Mean position, then x_i x_{i+t} averaged over i, (n, 1 + times)."""
    times = np.array(separations(paths.values.shape[1:]))
    return np.column_stack([paths.power(1), paths.products(1, 1, times)])


observable = Observable(
    name="time_correlator",
    symbol="G(t)",
    description="<x(0) x(t)> - <x>^2; index t in points",
    primaries=primaries,
    value=lambda means, shape: means[..., 1:] - means[..., :1] ** 2,
    indices=separations,
    unit="natural units",
    correlated=True,
)
