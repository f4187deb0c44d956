r"""Differences of energies from correlators of a few operators, a generalized eigenvalue problem.

.. math:: C(t)\, v = \lambda(t, t_0)\, C(t_0)\, v, \qquad
    C_{ij}(t) = \langle O_i(0) O_j(t)\rangle - \langle O_i\rangle\langle O_j\rangle

(M. Luescher and U. Wolff, Nucl. Phys. B 339 (1990) 222). On a circle of N points the largest eigenvalue is, for one level,
cosh(w (N/2 - t)) / cosh(w (N/2 - t_0)), which is solved for w = a (E_n - E_0).
"""

import numpy as np

__all__ = ["OPERATORS", "PAIRS", "decay", "largest_eigenvalue", "times"]

OPERATORS = {1: (1, 3, 5), 2: (2, 4, 6)}
"""Level of an even potential -> powers of x in its operators: odd ones see odd levels, even ones even levels."""
PAIRS = [(i, j) for i in range(3) for j in range(i, 3)]
"""Numbers of the operators of each correlator that is measured: the matrix is symmetric."""
SHORT = 100
"""Parts of the circle in t_0. Three operators need no longer time: with N = 100, a = 0.1 other levels shift E_1 - E_0 by
5e-7 in quartic wells and 5e-4 in (x^2 - 1)^2, and at ten times this t_0 the noise of E_2 - E_0 is five times larger."""
FLAT = 1e-3
"""Variance of a combination of normalised operators that noise alone would decide."""
ITERATIONS = 40
"""Of Newton's method, which needs a few."""


def times(points: int) -> tuple[int, int]:
    """t_0 and t > t_0 of a path of so many points."""
    first = points // SHORT
    return first, first + max(1, first)


def largest_eigenvalue(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Solve C(t) v = lambda C(t_0) v for symmetric matrices by their `PAIRS`, (..., 6) each; returns (...).

    Combinations of operators that hardly vary are left out. NaN where an operator does not, as of one sample.
    """
    early, late = _matrix(first), _matrix(second)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.sqrt(np.einsum("...ii->...i", early))
        scale = unit[..., :, None] * unit[..., None, :]
        early, late = early / scale, late / scale
    sound = np.isfinite(early).all((-2, -1)) & np.isfinite(late).all((-2, -1))
    early, late = (np.where(sound[..., None, None], part, 0.0) for part in (early, late))
    variance, directions = np.linalg.eigh(early)
    varies = variance > FLAT
    white = directions * np.where(varies, np.where(varies, variance, 1.0) ** -0.5, 0.0)[..., None, :]
    eigenvalues = np.linalg.eigvalsh(np.swapaxes(white, -1, -2) @ late @ white)
    return np.where(sound, eigenvalues[..., -1], np.nan)


def decay(eigenvalue: np.ndarray, points: int, first: int, second: int) -> np.ndarray:
    """Solve cosh(w (N/2 - t)) = lambda cosh(w (N/2 - t_0)) for w > 0; NaN where lambda is not between 0 and 1."""
    with np.errstate(all="ignore"):
        logarithm = np.log(np.where(eigenvalue < 1, eigenvalue, np.nan))
        # Far from the middle of the circle cosh is an exponential, and w is too small then.
        rate = -logarithm / (second - first)
        near, far = points / 2 - second, points / 2 - first
        for _ in range(ITERATIONS):
            value = _log_cosh(rate * near) - _log_cosh(rate * far) - logarithm
            slope = near * np.tanh(rate * near) - far * np.tanh(rate * far)
            rate = np.abs(rate - value / slope)
    return rate


def _matrix(upper: np.ndarray) -> np.ndarray:
    """The symmetric matrix with these `PAIRS`, (..., 6) -> (..., 3, 3)."""
    number = {pair: index for index, pair in enumerate(PAIRS)}
    columns = [[number[min(i, j), max(i, j)] for j in range(3)] for i in range(3)]
    return upper[..., np.array(columns)]


def _log_cosh(x: np.ndarray) -> np.ndarray:
    return x + np.log1p(np.exp(-2 * x)) - np.log(2)
