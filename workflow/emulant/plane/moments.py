"""Even moments and cumulants of z = x + iy from the means of `complex_moments`."""

import numpy as np

from emulant.statistics.cumulants import ORDER, cumulants

__all__ = ["even_cumulants", "even_moments"]


def even_moments(means: np.ndarray) -> np.ndarray:
    """Return <z²>, <z⁴>, <z⁶>, <z⁸> from means (..., 19), complex (..., 4)."""
    return _moments(means)[..., 1::2]


def even_cumulants(means: np.ndarray) -> np.ndarray:
    """Compute κ₂, κ₄, κ₆, κ₈ of a distribution that is symmetric under z -> -z, complex (..., 4)."""
    return cumulants(_moments(means))[..., 1::2]


def _moments(means: np.ndarray) -> np.ndarray:
    return means[..., 0 : 2 * ORDER : 2] + 1j * means[..., 1 : 2 * ORDER : 2]
