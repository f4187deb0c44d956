"""Hot and cold starts of chains of the scalar field."""

import numpy as np

from emulant.lattice.backends import backend
from emulant.lattice.trajectory import ScalarChains

__all__ = ["begin", "starts"]

COLD_WIDTH = 0.1
"""Standard deviation about a minimum: small against its distance from zero at every coupling of the experiments."""


def begin(
    shape: tuple[int, ...], kappa: float, coupling: float, *, chains: int, seed: int, engine: str = "numba"
) -> tuple[ScalarChains, np.ndarray]:
    """Make chains from hot and cold starts; returns them and which of them are hot."""
    generator = np.random.default_rng(seed)
    fields, hot = starts(generator, chains, shape, kappa, coupling)
    return backend(engine)(shape, kappa, coupling, fields, seed=int(generator.integers(2**62))), hot


def starts(
    generator: np.random.Generator, chains: int, shape: tuple[int, ...], kappa: float, coupling: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw fields (chains, *shape); returns them and which of them are hot, (chains,).

    Even chains start hot, from N(0, 1); odd ones cold, near the two classical minima of the action in turn.
    """
    fields = generator.standard_normal((chains, *shape), dtype=np.float32)
    number = np.arange(chains)
    hot = number % 2 == 0
    mass = 2 * len(shape) * kappa - 1 + 2 * coupling
    minimum = np.sqrt(mass / (2 * coupling)) if coupling > 0 and mass > 0 else 0.0
    centre = np.where(hot, 0.0, minimum * np.where(number % 4 == 1, 1.0, -1.0))
    width = np.where(hot, 1.0, COLD_WIDTH)
    column = (-1, *[1] * len(shape))
    return (width.reshape(column) * fields + centre.reshape(column)).astype(np.float32), hot
