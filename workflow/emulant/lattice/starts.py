"""Hot and cold starts of chains of the scalar field."""

import numpy as np

from emulant.lattice.backends import backend
from emulant.lattice.trajectory import ScalarChains

__all__ = ["begin", "starts"]

COLD_WIDTH = 0.1
"""Largest standard deviation about a minimum: small against its distance from zero at every coupling of the experiments."""
DOUBLE_WELL = 0.5
"""lambda above which the potential of a site, (1 - 2 lambda) phi^2 + lambda phi^4, has two minima: from N(0, 1) forces grow
as lambda phi^3, and chains that start far up a wall are never accepted by a step that suits the others."""


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

    Even chains start hot: from N(0, 1), or near the two minima of the potential of each site with random signs where there
    are two. Odd ones start cold, near the two classical minima of the action in turn.
    """
    fields = generator.standard_normal((chains, *shape), dtype=np.float32)
    number = np.arange(chains)
    hot = number % 2 == 0
    mass = 2 * len(shape) * kappa - 1 + 2 * coupling
    minimum = np.sqrt(mass / (2 * coupling)) if coupling > 0 and mass > 0 else 0.0
    centre = np.where(hot, 0.0, minimum * np.where(number % 4 == 1, 1.0, -1.0))
    # Thermal where the steepest mode about a minimum, whose curvature this is, is stiff.
    curvature = 16 * len(shape) * kappa + 8 * coupling - 4
    cold_width = min(COLD_WIDTH, curvature**-0.5) if curvature > 0 else COLD_WIDTH
    width = np.where(hot, 1.0, cold_width)
    column = (-1, *[1] * len(shape))
    started = (width.reshape(column) * fields + centre.reshape(column)).astype(np.float32)
    if coupling > DOUBLE_WELL:
        started[hot] = _disordered(fields[hot], coupling)
    return started, hot


def _disordered(normals: np.ndarray, coupling: float) -> np.ndarray:
    """Put each site near a minimum of its potential, as the sign of its normal number says."""
    minimum, width = np.sqrt(1 - 1 / (2 * coupling)), 1 / np.sqrt(8 * coupling)
    return (minimum * np.sign(normals) + width * normals).astype(np.float32)
