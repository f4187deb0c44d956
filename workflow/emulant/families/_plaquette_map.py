"""What maps of plaquettes offer that are flows of links on a two-dimensional torus."""

from typing import Protocol

import numpy as np

__all__ = ["PlaquetteMap"]


class PlaquetteMap(Protocol):
    """A map of uniform angles to plaquettes whose sum is a multiple of 2 pi."""

    def mapped(self, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map uniform angles in [-pi, pi) to plaquettes in [-pi, pi), both (N, V); returns them and their ln q, (N,).

        The first V - 1 angles are those of uniform plaquettes, the last one is independent, for maps that use it.
        """

    def log_density(self, plaquettes: np.ndarray) -> np.ndarray:
        """Compute ln q of plaquettes (N, V), (N,): of the first V - 1, with respect to the product of d theta / 2 pi."""
