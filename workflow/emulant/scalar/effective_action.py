"""Effective action along a path, from a learned score and exactly (arXiv:2309.17082, sec. 3)."""

from collections.abc import Callable

import numpy as np

from emulant.scalar.single_site import SingleSite

__all__ = ["effective_action", "largest_deviation"]

# Where p is smaller, training samples are rare and the learned score is an extrapolation.
DENSE = 1e-2


def effective_action(
    system: SingleSite,
    score: Callable[[np.ndarray], np.ndarray],
    *,
    signal: float,
    noise: float,
    points: int = 1001,
    deviations: float = 5.0,
) -> dict[str, np.ndarray]:
    """Integrate a learned score to S_DM(φ) = -∫ dφ s(φ), beside the exact -log p(φ) of a φ₀ + b z.

    The constant of integration makes the two agree at the minimum.

    Arguments:
        system: with the exact log p.
        score: the learned ∂ log p, (n,) -> (n,).
        signal: a > 0.
        noise: b > 0.
        points: number of equidistant φ.
        deviations: half the range of φ in standard deviations of p.

    Returns:
        Columns `phi`, `learned`, `exact`, `density`, each of shape (points,).
    """
    spread = np.sqrt(signal**2 * system.moments()[1] + noise**2)
    phi = np.linspace(-deviations * spread, deviations * spread, points)
    exact = -system.log_density(phi, signal, noise)
    learned = _antiderivative(phi, -np.asarray(score(phi), dtype=float))
    return {
        "phi": phi,
        "learned": learned - learned.min() + exact.min(),
        "exact": exact,
        "density": np.exp(-exact),
    }


def largest_deviation(columns: dict[str, np.ndarray], density: float = DENSE) -> float:
    """Compute max |S_DM - S| where p > `density`; NaN if p is smaller everywhere."""
    dense = columns["density"] > density
    if not dense.any():
        return float("nan")
    return float(np.abs(columns["learned"] - columns["exact"])[dense].max())


def _antiderivative(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Integrate from x[0] to every x by the cubic spline through equidistant points."""
    from scipy.interpolate import CubicSpline

    return CubicSpline(x, y).antiderivative()(x)
