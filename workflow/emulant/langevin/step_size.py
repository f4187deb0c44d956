"""What is left of the step in averages of a second-order scheme, and averages without it (Richardson)."""

import numpy as np

from emulant.statistics.cumulants import ORDER

__all__ = ["extrapolated", "step_bias"]


def extrapolated(fine: np.ndarray, coarse: np.ndarray, factor: float) -> np.ndarray:
    """Averages (groups, 19) at step zero from those at a step and at `factor` times it, group by group."""
    return fine + (fine - coarse) / (factor**2 - 1)


def step_bias(fine: np.ndarray, coarse: np.ndarray, factor: float) -> dict[str, float]:
    """What a second-order step still does to <z^n>, from averages (groups, 19) at a step and at `factor` times it.

    The error grows with the square of the step, so it is (coarse - fine) / (factor² - 1); the statistical error of this
    estimate stands beside it.
    """
    found = {}
    for n in range(2, ORDER + 1, 2):
        own = slice(2 * n - 2, 2 * n)
        difference = coarse[:, own].mean(0) - fine[:, own].mean(0)
        error = np.hypot(*(a[:, own].std(0) / np.sqrt(len(a) - 1) for a in (fine, coarse)))
        found[f"mu_{n}"] = float(np.hypot(*difference) / (factor**2 - 1))
        found[f"mu_{n}_error"] = float(np.hypot(*error) / (factor**2 - 1))
    return found
