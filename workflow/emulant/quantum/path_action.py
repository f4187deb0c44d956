r"""The action of a closed path in imaginary time, discretised.

.. math:: S = \sum_{i=1}^{N} \Big[\frac{m}{2a} (x_{i+1} - x_i)^2 + a V(x_i)\Big], \qquad x_{N+1} = x_1

Paths are (n, N), NumPy arrays or torch tensors. The temperature is 1 / (N a), with hbar = 1.
"""

from typing import Any

import numpy as np

from emulant.quantum.potential import Potential

__all__ = ["action", "gradient"]


def action(paths: Any, potential: Potential, mass: float, spacing: float) -> Any:
    """Compute S of each path, (n,), in double precision."""
    paths = paths.astype(np.float64, copy=False) if isinstance(paths, np.ndarray) else paths.double()
    steps = _rolled(paths, -1) - paths
    return (mass / (2 * spacing) * steps * steps + spacing * potential(paths)).sum(-1)


def gradient(paths: Any, potential: Potential, mass: float, spacing: float) -> Any:
    """Compute dS/dx, in the shape and precision of `paths`."""
    curvature = 2 * paths - _rolled(paths, -1) - _rolled(paths, 1)
    return mass / spacing * curvature + spacing * potential.slope(paths)


def _rolled(paths: Any, shift: int) -> Any:
    return np.roll(paths, shift, -1) if isinstance(paths, np.ndarray) else paths.roll(shift, -1)
