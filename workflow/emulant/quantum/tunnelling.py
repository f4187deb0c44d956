"""Kinks: how often a path goes from one well to the other."""

import numpy as np

from emulant.quantum.potential import Potential
from emulant.quantum.transfer_matrix import TransferMatrix

__all__ = ["expected_kinks", "kinks", "thresholds"]

SHARE = 0.25
"""Of the way between the outermost wells that lies behind each threshold: to tremble on the barrier is no kink."""
POINTS = 400
"""Of the grid: at a threshold a sum is exact to the square of its step alone, 2e-4 of the kinks with so many."""


def thresholds(potential: Potential) -> tuple[float, float]:
    """Positions below and above which a path is in the left and in the right of the outermost wells.

    With one well both are its minimum, and kinks are changes of the sign about it.
    """
    minima = potential.minima()
    width = minima[-1] - minima[0]
    return float(minima[0] + SHARE * width), float(minima[-1] - SHARE * width)


def kinks(paths: np.ndarray, low: float, high: float) -> np.ndarray:
    """Count changes of well round each closed path (n, N), (n,): an even number."""
    well = (paths > high).astype(np.int8) - (paths < low).astype(np.int8)
    # Where a path is in neither well it is still in the last one: filled in twice round, as it may begin between them.
    last = np.concatenate([well, well], 1)
    for point in range(1, last.shape[1]):
        between = last[:, point] == 0
        last[between, point] = last[between, point - 1]
    once = last[:, well.shape[1] :]
    return (once != np.roll(once, 1, 1)).sum(1)


def expected_kinks(potential: Potential, mass: float, spacing: float, points: int) -> float:
    """Compute the mean number of kinks: a trace of T^N in which one step, which changes the well, is marked.

    The state is the position with the well that was visited last. A path that changes its well has one such history.
    """
    matrix = TransferMatrix(potential, mass, spacing, points, fewest=POINTS)
    low, high = thresholds(potential)
    x, count = matrix.grid, len(matrix.grid)
    kernel = matrix.kernel / matrix.spectrum[0][0]
    # The part of the cell about a grid point that lies beyond a threshold.
    left, right = (np.clip(0.5 + side / matrix.step, 0, 1) for side in (low - x, x - high))
    stay_left, stay_right = kernel * (1 - right), kernel * (1 - left)
    to_right, to_left = kernel * right, kernel * left
    both = np.block([[stay_left, to_right], [to_left, stay_right]])
    changes = np.zeros_like(both)
    changes[:count, count:], changes[count:, :count] = to_right, to_left
    trace = np.sum(np.linalg.matrix_power(both, matrix.points - 1) * changes.T)
    return float(matrix.points * trace * matrix.occupation[0])
