"""Every observable of closed paths at finite spacing, from the transfer matrix."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from emulant.quantum.levels import OPERATORS, PAIRS, times
from emulant.quantum.observables import correlator, density, level
from emulant.quantum.transfer_matrix import TransferMatrix
from emulant.quantum.tunnelling import expected_kinks

__all__ = ["bin_edges", "exact_rows"]

OUTSIDE = 5e-3
"""Probability beyond each of the outermost edges of the bins: farther out bins are rare events, of no Gaussian error."""


def exact_rows(matrix: TransferMatrix) -> list[dict[str, Any]]:
    """Rows of observable, index, value, error."""
    x, law = matrix.grid, (matrix.potential, matrix.mass, matrix.spacing, matrix.points)
    numbers = {
        "position": matrix.mean(x),
        "position_squared": matrix.mean(x**2),
        "position_fourth": matrix.mean(x**4),
        "energy": matrix.mean(matrix.potential.virial(x)),
        "tunnelling": expected_kinks(*law) / (matrix.points * matrix.spacing),
    }
    rows = [(name, 0, value) for name, value in numbers.items()]
    rows += [("time_correlator", *row) for row in _correlators(matrix)]
    rows += [("density", *row) for row in enumerate(_densities(matrix))]
    rows += [("level", *row) for row in zip(OPERATORS, _levels(matrix), strict=True)]
    return [{"observable": o, "index": i, "value": float(v), "error": 0.0} for o, i, v in rows]


def bin_edges(matrix: TransferMatrix, bins: int) -> np.ndarray:
    """Edges of bins of equal width that hold all but a hundredth of the positions."""
    total = np.cumsum(matrix.probability)
    inside = np.flatnonzero((total > OUTSIDE) & (total < 1 - OUTSIDE))
    return np.linspace(matrix.grid[inside[0]], matrix.grid[inside[-1]], bins + 1)


def _correlators(matrix: TransferMatrix) -> Iterator[tuple[int, float]]:
    at = np.array(correlator.separations((matrix.points,)))
    values = matrix.correlation(matrix.grid, matrix.grid, at) - matrix.mean(matrix.grid) ** 2
    return zip(at.tolist(), values, strict=True)


def _densities(matrix: TransferMatrix) -> np.ndarray:
    """Means of the density over the bins."""
    edges = bin_edges(matrix, density.BINS)
    total = CubicSpline(matrix.grid, matrix.probability / matrix.step).antiderivative()
    return np.diff(total(edges)) / np.diff(edges)


def _levels(matrix: TransferMatrix) -> np.ndarray:
    """What the estimator of the levels gives for infinitely many paths."""
    columns: list[float] = []
    at, x = np.array(times(matrix.points)), matrix.grid
    for powers in OPERATORS.values():
        pairs = [matrix.correlation(x ** powers[i], x ** powers[j], at) for i, j in PAIRS]
        columns += [matrix.mean(x**power) for power in powers]
        columns += [pair[0] for pair in pairs] + [pair[0] - pair[1] for pair in pairs]
    return level.value(np.array([*columns, matrix.spacing]), (matrix.points,))
