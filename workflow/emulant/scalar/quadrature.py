"""Gauss-Legendre nodes of a symmetric interval, split at zero, where integrands may have a kink."""

from functools import lru_cache

import numpy as np

__all__ = ["two_panels"]


@lru_cache
def two_panels(reach: float, order: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Compute nodes and weights on [-reach, 0] and [0, reach] together, each of shape (2 order,)."""
    # 100 nodes a side integrate <phi^8> of double wells to rounding; 200, peaks of a hundredth of their distance.
    nodes, weights = np.polynomial.legendre.leggauss(order)
    right = 0.5 * reach * (nodes + 1)
    halves = 0.5 * reach * weights
    return np.concatenate([-right[::-1], right]), np.concatenate([halves[::-1], halves])
