r"""The Wilson action of angles on links.

.. math:: S = -\beta \sum_p \cos\theta_p

with the plaquettes of `gauge.plaquettes`. Links are (N, 2, L_t, L_s), NumPy arrays or torch tensors, of any lattice.
"""

from typing import Any

import numpy as np

from emulant.gauge.arrays import double, library_of
from emulant.gauge.plaquettes import boundary_sums, plaquette_sums

__all__ = ["action", "gradient", "schwinger_dyson"]


def action(links: Any, beta: float) -> Any:
    """Compute S of each configuration, (N,), in double precision."""
    sums = plaquette_sums(double(links))
    return -beta * library_of(links).cos(sums).sum((-2, -1))


def gradient(links: Any, beta: float) -> Any:
    """Compute dS/dtheta, in the shape and precision of `links`."""
    return beta * boundary_sums(library_of(links).sin(plaquette_sums(links)))


def schwinger_dyson(links: np.ndarray, beta: float) -> np.ndarray:
    r"""Compute the violation of <(dS/dtheta)^2> = <d^2S/dtheta^2>, a mean over links, in units of 2 beta, (N,).

    It holds in every topological sector by itself. Where beta is 0 nothing is left of it.
    """
    links = double(links)
    force = gradient(links, beta)
    cosines = np.cos(plaquette_sums(links)).mean((-2, -1))
    return (force**2).mean((1, 2, 3)) / (2 * beta) - cosines if beta else np.zeros(len(links))
