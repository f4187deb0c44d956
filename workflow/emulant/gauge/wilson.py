r"""The Wilson action of angles on links, with or without loops of two plaquettes.

.. math:: S = -\beta \sum_p \cos\theta_p - c \sum_{\langle p p' \rangle} \cos(\theta_p + \theta_{p'})

with the plaquettes of `gauge.plaquettes`; the second sum is over pairs of neighbours, which are the loops of 2 x 1 links.
Links are (N, 2, L_t, L_s), NumPy arrays or torch tensors, of any lattice. Functions take beta and then c, 0 where left out.
"""

from typing import Any

import numpy as np

from emulant.gauge.arrays import double, library_of
from emulant.gauge.plaquettes import SPACE, TIME, boundary_sums, plaquette_sums

__all__ = ["action", "gradient", "rectangle_sums", "schwinger_dyson", "stiffness"]


def rectangle_sums(plaquettes: Any) -> Any:
    """Sum each plaquette (N, L_t, L_s) and the next one in time, and in space, (N, 2, L_t, L_s)."""
    library = library_of(plaquettes)
    pairs = [plaquettes + library.roll(plaquettes, -1, axis) for axis in (TIME, SPACE)]
    return library.stack(pairs, 1)


def action(links: Any, beta: float, rectangle: float = 0.0) -> Any:
    """Compute S of each configuration, (N,), in double precision."""
    sums, cos = plaquette_sums(double(links)), library_of(links).cos
    wilson = -beta * cos(sums).sum((-2, -1))
    return wilson - rectangle * cos(rectangle_sums(sums)).sum((1, 2, 3)) if rectangle else wilson


def gradient(links: Any, beta: float, rectangle: float = 0.0) -> Any:
    """Compute dS/dtheta, in the shape and precision of `links`."""
    library, sums = library_of(links), plaquette_sums(links)
    slopes = beta * library.sin(sums)
    if rectangle:
        loops = rectangle * library.sin(rectangle_sums(sums))
        before = library.roll(loops[:, 0], 1, TIME) + library.roll(loops[:, 1], 1, SPACE)
        slopes = slopes + loops.sum(1) + before
    return boundary_sums(slopes)


def schwinger_dyson(links: np.ndarray, beta: float, rectangle: float = 0.0) -> np.ndarray:
    r"""Compute the violation of <(dS/dtheta)^2> = <d^2S/dtheta^2>, a mean over links, in units of 2 beta + 6 c, (N,).

    It holds in every topological sector by itself. A plaquette has four links, a loop of two plaquettes six, and there are
    two links for each plaquette. Where both couplings are 0 nothing is left of it.
    """
    links = double(links)
    sums, unit = plaquette_sums(links), 2 * abs(beta) + 6 * abs(rectangle)
    curvature = 2 * beta * np.cos(sums).mean((-2, -1))
    if rectangle:
        curvature += 6 * rectangle * np.cos(rectangle_sums(sums)).mean((1, 2, 3))
    squares = (gradient(links, beta, rectangle) ** 2).mean((1, 2, 3))
    return (squares - curvature) / unit if unit else np.zeros(len(links))


def stiffness(beta: float, rectangle: float = 0.0) -> float:
    """Compute the largest second derivative of S at 0 along a wave of links.

    With y = 2 cos k_t + 2 cos k_s it is (4 - y) (beta + 4 c + c y), largest at y = -beta / 2c or at y = -4.
    """
    y = max(-4.0, -abs(beta) / (2 * rectangle)) if rectangle > 0 else -4.0
    return (4 - y) * (abs(beta) + (4 + y) * rectangle)
