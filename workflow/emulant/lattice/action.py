r"""Lattice action of a real scalar field in the hopping-parameter form.

.. math:: S = \sum_x \Big[-2\kappa \sum_{\mu=1}^{d} \phi_x \phi_{x+\mu} + (1-2\lambda)\phi_x^2 + \lambda\phi_x^4\Big]

periodic in every direction, for any d >= 1 and any shape. Fields are (N, *shape), NumPy arrays or torch tensors.
"""

from typing import Any

import numpy as np

__all__ = ["action", "gradient", "neighbour_sum", "schwinger_dyson"]


def _roll(fields: Any, shift: int, axis: int) -> Any:
    return np.roll(fields, shift, axis) if isinstance(fields, np.ndarray) else fields.roll(shift, axis)


def _site_sum(density: Any) -> Any:
    return density.sum(tuple(range(1, density.ndim)))


def neighbour_sum(fields: Any, directions: tuple[int, ...] = (1, -1)) -> Any:
    """Sum the neighbours of each site over all dimensions; `directions` holds -1 for forward and 1 for backward ones."""
    return sum(_roll(fields, shift, axis) for axis in range(1, fields.ndim) for shift in directions)


def action(fields: Any, kappa: float, coupling: float) -> Any:
    """Compute S of each configuration, (N,), in double precision."""
    fields = fields.astype(np.float64) if isinstance(fields, np.ndarray) else fields.double()
    square = fields * fields
    hopping = fields * neighbour_sum(fields, (-1,))
    return _site_sum(-2 * kappa * hopping + (1 - 2 * coupling) * square + coupling * square * square)


def gradient(fields: Any, kappa: float, coupling: float) -> Any:
    """Compute dS/dphi, in the shape and precision of `fields`."""
    return 2 * fields * (1 - 2 * coupling + 2 * coupling * fields * fields) - 2 * kappa * neighbour_sum(
        fields
    )


def schwinger_dyson(fields: Any, kappa: float, coupling: float) -> Any:
    """Compute phi dS/dphi per site of each configuration, (N,); its expectation is exactly 1 (Schwinger-Dyson)."""
    fields = fields.astype(np.float64) if isinstance(fields, np.ndarray) else fields.double()
    return (fields * gradient(fields, kappa, coupling)).reshape(len(fields), -1).mean(1)
