"""Energies at vanishing spacing."""

import numpy as np

from emulant.quantum.potential import Potential
from emulant.quantum.transfer_matrix import TransferMatrix

__all__ = ["continuum_energies", "continuum_energy", "extrapolated"]

FINE = (200, 400)
"""Points in a unit of the shortest time of the system, 1/(E_1 - E_0), of the two spacings that are extrapolated."""
ORDERS = (2, 4)
"""Powers of a in the energies of the symmetric transfer matrix."""


def continuum_energies(potential: Potential, mass: float, length: float, levels: int) -> np.ndarray:
    """Compute E_0, E_1, ... at a = 0 to about 1e-8: those of two small spacings, extrapolated in a^2, (levels,)."""
    coarse = TransferMatrix(potential, mass, length / 100, 100)
    unit = 1 / (coarse.energies[1] - coarse.energies[0])
    unit = min(unit, 1 / (coarse.energies[2] - coarse.energies[1]))
    energies = [_energies(potential, mass, length, unit / fine)[:levels] for fine in FINE]
    ratio = (FINE[1] / FINE[0]) ** 2
    return (ratio * energies[1] - energies[0]) / (ratio - 1)


def continuum_energy(potential: Potential, mass: float, length: float) -> float:
    """Compute E_0 at a = 0."""
    return float(continuum_energies(potential, mass, length, 1)[0])


def extrapolated(spacing: np.ndarray, energy: np.ndarray, error: np.ndarray) -> tuple[float, float]:
    """Fit energies (n,) of n spacings by a constant and terms of a^2 and a^4; returns the constant and its error.

    With fewer than three spacings the last terms are left out.
    """
    orders = (0, *ORDERS)[: len(spacing)]
    design = np.stack([spacing**order for order in orders], 1) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    return float((covariance @ design.T @ (energy / error))[0]), float(np.sqrt(covariance[0, 0]))


def _energies(potential: Potential, mass: float, length: float, spacing: float) -> np.ndarray:
    return TransferMatrix(potential, mass, spacing, max(2, round(length / spacing))).energies
