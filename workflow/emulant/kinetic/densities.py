"""Densities rho^+-(p_T, phi) of charged particles, the slices of an evolution."""

import numpy as np

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
    charged = np.flatnonzero(matter.charge)
    px, py = matter.momentum[charged, 1], matter.momentum[charged, 2]
    pt = np.minimum((np.hypot(px, py) / PT_EDGES[1]).astype(int), SHAPE[1] - 1)
    phi = np.minimum(((np.arctan2(py, px) + np.pi) / (2 * np.pi) * SHAPE[2]).astype(int), SHAPE[2] - 1)
    entry = np.ravel_multi_index(((matter.charge[charged] < 0).astype(int), pt, phi), SHAPE)
    return np.bincount(entry, minlength=np.prod(SHAPE)).reshape(SHAPE) / CELL


def half_turned(density: np.ndarray) -> np.ndarray:
    """Rotate densities (..., azimuth) by half a turn."""
    return np.roll(density, SHAPE[2] // 2, axis=-1)
