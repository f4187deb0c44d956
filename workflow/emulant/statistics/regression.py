"""A straight line through points."""

import numpy as np

__all__ = ["slope_of"]


def slope_of(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Least-squares slope of y on x, both (n,), and its error from the scatter of the residuals; NaN if x is constant."""
    if x.std() == 0:
        return float("nan"), float("nan")
    (slope, _), covariance = np.polyfit(x, y, 1, cov=True)
    return float(slope), float(np.sqrt(covariance[0, 0]))
