"""Eccentricities of densities in the transverse plane."""

import numpy as np

__all__ = ["HARMONICS", "centre_of", "centred", "eccentricities"]

HARMONICS = (2, 3, 4, 5)


def centre_of(densities: np.ndarray, spacing: float) -> np.ndarray:
    """Compute x + i y of the centre of each density, (N,) complex, in fm."""
    total = densities.sum(axis=(1, 2))
    moments = np.einsum("nij,ij->n", densities, _plane(densities, spacing))
    return moments / np.where(total > 0, total, 1)


def centred(densities: np.ndarray, spacing: float) -> np.ndarray:
    """Compute x + i y of each cell from the centre of each density, (N, n, n) complex, in fm."""
    return _plane(densities, spacing) - centre_of(densities, spacing)[:, None, None]


def _plane(densities: np.ndarray, spacing: float) -> np.ndarray:
    """X + i y of each cell from the middle of the grid, (n, n)."""
    axis = (np.arange(densities.shape[-1]) - 0.5 * (densities.shape[-1] - 1)) * spacing
    return axis[:, None] + 1j * axis[None]


def eccentricities(densities: np.ndarray, spacing: float) -> np.ndarray:
    """Compute eps_n e^(i n Phi_n) = -{r^n e^(i n phi)} / {r^n} about the centre for n = 2 ... 5.

    Arguments:
        densities: (N, n, n), axes x and y.
        spacing: of the grid in fm.

    Returns:
        (N, 4) complex; 0 where there is nothing.
    """
    z = centred(densities, spacing)
    r, columns, power = np.abs(z), [], z.copy()
    weight = densities * r
    for _ in HARMONICS:
        power, weight = power * z, weight * r
        moment, norm = (densities * power).sum(axis=(1, 2)), weight.sum(axis=(1, 2))
        columns.append(-moment / np.where(norm > 0, norm, 1))
    return np.stack(columns, axis=1)
