"""Densities rho^+-(p_T, phi) of charged particles, the slices of an evolution."""

import numpy as np
from numba import njit

from emulant.kinetic.cascade import Matter

__all__ = ["AZIMUTH_EDGES", "CELL", "PT_EDGES", "SHAPE", "charge_density", "half_turned"]

PT_EDGES = np.linspace(0, 2.5, 17)
"""GeV; what is above, one in a hundred partons and three final hadrons, is in the last bin, so that charges stay whole."""
AZIMUTH_EDGES = np.linspace(-np.pi, np.pi, 25)
"""Angles from the reaction plane; a rotation by a half turn shifts them by twelve."""
SHAPE = (2, len(PT_EDGES) - 1, len(AZIMUTH_EDGES) - 1)
"""Positive and negative charges, bins of p_T, bins of azimuth."""
CELL = float((PT_EDGES[1] - PT_EDGES[0]) * (AZIMUTH_EDGES[1] - AZIMUTH_EDGES[0]))


def charge_density(matter: Matter) -> np.ndarray:
    """Compute d^2 N / dp_T dphi of positive and of negative particles, SHAPE, in 1/GeV."""
    density = np.zeros(SHAPE)
    _count(matter.momentum, matter.charge, 1 / PT_EDGES[1], density)
    return density / CELL


@njit(cache=True)
def _count(momentum, charge, scale, density):
    """Add charged particles to their bins; those beyond the last bin of p_T are in it."""
    _, pts, azimuths = density.shape
    for i in range(len(charge)):
        if charge[i] != 0:
            px, py = momentum[i, 1], momentum[i, 2]
            pt = min(int(np.sqrt(px * px + py * py) * scale), pts - 1)
            phi = min(int((np.arctan2(py, px) / (2 * np.pi) + 0.5) * azimuths), azimuths - 1)
            density[0 if charge[i] > 0 else 1, pt, phi] += 1


def half_turned(density: np.ndarray) -> np.ndarray:
    """Rotate densities (..., azimuth) by half a turn."""
    return np.roll(density, SHAPE[2] // 2, axis=-1)
