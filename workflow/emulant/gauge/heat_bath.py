"""Sweeps of the Wilson action: a heat bath of all links, and after it one of the charge, by shifts of all plaquettes.

A link enters one plaquette a with its sign and another b against it. Moved by d, it has the law of

    cos(a + d) + cos(b - d) = 2 cos((a + b) / 2) cos(d + (a - b) / 2)

von Mises' law of d + (a - b) / 2 with 2 beta cos((a + b) / 2), turned by pi where that is negative.
"""

import math
from collections.abc import Iterator

import numpy as np

from emulant.gauge.arrays import wrapped
from emulant.gauge.hybrid import draw_charges
from emulant.gauge.plaquettes import plaquette_sums

__all__ = ["swept"]

ACROSS = {0: -1, 1: -2}
"""Axis across which the two plaquettes beside a link lie, by the link's component."""


def swept(links: np.ndarray, beta: float, sweeps: int, seed: int) -> np.ndarray:
    """Sweep each configuration (N, 2, L_t, L_s); returns links in [-pi, pi) float64. Both moves keep e^(-S).

    Arguments:
        links: to begin with, which stay as they are.
        beta: of the action.
        sweeps: each moves all links once, and then the charge.
        seed: of all random numbers.
    """
    links, generator = wrapped(links.astype(np.float64)), np.random.default_rng(seed)
    for _ in range(sweeps):
        for component, axis in ACROSS.items():
            for lines in _apart(links.shape[axis]):
                _heat(links, component, axis, lines, beta, generator)
        draw_charges(links, generator.random(len(links)), beta)
    return links


def _apart(length: int) -> Iterator[np.ndarray]:
    """Sets of lines of which no two are neighbours; on an odd circle the last one is alone."""
    even = length - length % 2
    yield from (np.arange(0, even, 2), np.arange(1, even, 2))
    if even < length:
        yield np.array([even])


def _heat(
    links: np.ndarray,
    component: int,
    axis: int,
    lines: np.ndarray,
    beta: float,
    generator: np.random.Generator,
) -> None:
    """Draw the links of a component on some lines anew, from their law given all others."""
    # Lines first, so that an index takes whole lines; a view, which is written to.
    plaquettes, moved = (np.moveaxis(v, axis, 0) for v in (plaquette_sums(links), links[:, component]))
    ahead, behind = plaquettes[lines], plaquettes[lines - 1]
    # A link in time adds to the plaquette ahead of it, one in space to the one behind.
    a, b = (ahead, behind) if component == 0 else (behind, ahead)
    strength = 2 * beta * np.cos((a + b) / 2)
    angle = generator.vonmises(0.0, np.abs(strength)) + np.where(strength < 0, math.pi, 0.0)
    moved[lines] = wrapped(moved[lines] + angle - (a - b) / 2)
