"""Differences of energies from a generalized eigenvalue problem."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.quantum.levels import OPERATORS, PAIRS, decay, largest_eigenvalue, times
from emulant.quantum.views import Paths


def primaries(paths: Paths) -> np.ndarray:
    """For each level the means of its operators, correlators at t_0 and their loss until t; the spacing; (n, columns).

    A loss is a number of its own, as it is small beside the correlators, which err together.
    """
    at = np.array(times(paths.values.shape[1]))
    columns = []
    for powers in OPERATORS.values():
        columns += [paths.power(power)[:, None] for power in powers]
        products = np.stack([paths.products(powers[i], powers[j], at) for i, j in PAIRS], 1)
        columns += [products[..., 0], products[..., 0] - products[..., 1]]
    spacing = np.full((len(paths.values), 1), paths.system.spacing)
    return np.concatenate([*columns, spacing], 1)


def value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """E_1 - E_0 and E_2 - E_0."""
    (points,), levels = shape, []
    for block in np.split(means[..., :-1], len(OPERATORS), -1):
        mean, early, loss = np.split(block, [3, 3 + len(PAIRS)], -1)
        squares = np.stack([mean[..., i] * mean[..., j] for i, j in PAIRS], -1)
        eigenvalue = largest_eigenvalue(early - squares, early - squares - loss)
        levels.append(decay(eigenvalue, points, *times(points)) / means[..., -1])
    return np.stack(levels, -1)


observable = Observable(
    name="level",
    symbol="E_n - E_0",
    description="by correlators of x, x^3, x^5 and of x^2, x^4, x^6 at short times, for an even potential; index n",
    primaries=primaries,
    value=value,
    indices=lambda shape: tuple(OPERATORS),
    unit="natural units",
)
