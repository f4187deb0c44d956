"""Step-size bias of averages by a second-order integrator, and its removal by Richardson extrapolation."""

import numpy as np

from emulant.statistics.cumulants import ORDER

__all__ = ["extrapolated", "step_bias"]


def extrapolated(fine: np.ndarray, coarse: np.ndarray, factor: float) -> np.ndarray:
    """Extrapolate averages (groups, 19) to step zero from those at a step and at `factor` times it, group by group."""
    return fine + (fine - coarse) / (factor**2 - 1)


def step_bias(fine: np.ndarray, coarse: np.ndarray, factor: float) -> dict[str, float]:
    """Estimate the error of <z^n> by the step, from averages (groups, 19) at a step and at `factor` times it.

    The error grows with the square of the step, so it is (coarse - fine) / (factor² - 1). Keys are mu_n, and mu_n_error for
    the statistical error of this estimate, n = 2, 4, 6, 8.
    """
    bias = {}
    for n in range(2, ORDER + 1, 2):
        columns = slice(2 * n - 2, 2 * n)
        difference = coarse[:, columns].mean(0) - fine[:, columns].mean(0)
        error = np.hypot(*(a[:, columns].std(0) / np.sqrt(len(a) - 1) for a in (fine, coarse)))
        bias[f"mu_{n}"] = float(np.hypot(*difference) / (factor**2 - 1))
        bias[f"mu_{n}_error"] = float(np.hypot(*error) / (factor**2 - 1))
    return bias
