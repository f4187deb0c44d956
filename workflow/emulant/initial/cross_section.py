"""The cross section of partons that gives nucleons, or their constituents, the measured inelastic cross section.

Two nucleons at transverse distance b meet with probability 1 - exp(-sigma_p T_nn(b)) within 6 w, T_nn the overlap of their
thicknesses; sigma_p is such that the integral over the plane is sigma_NN [1412.4708].
"""

from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expi

from emulant.errors import InputError

__all__ = ["CUTOFF", "constituent_spread", "partonic_cross_section"]

CUTOFF = 6.0
"""Widths of a nucleon beyond which two of them never meet."""
PAIRS, SEED = 200_000, 1412
"""Pairs of nucleons whose constituents average the probability: sigma_NN to 0.1 %; drawn once for each set of parameters."""
RANGE = (-20.0, 20.0)
"""Logarithms of sigma_p / 4 pi w^2 between which it is sought."""


def constituent_spread(width: float, constituent_width: float, constituents: int) -> float:
    """Standard deviation in fm of constituents about a nucleon's centre before they are shifted to have their mean there.

    With it the nucleon's mean thickness has the Gaussian width `width`.
    """
    if constituents == 1:
        return 0.0
    return float(np.sqrt((width**2 - constituent_width**2) / (1 - 1 / constituents)))


@cache
def partonic_cross_section(
    cross_section: float, width: float, constituents: int = 1, constituent_width: float | None = None
) -> float:
    """Compute sigma_p in fm^2: in closed form of one Gaussian, by Monte Carlo of several constituents.

    Arguments:
        cross_section: sigma_NN in fm^2 (1 fm^2 = 10 mb).
        width: Gaussian width of a nucleon in fm.
        constituents: of a nucleon.
        constituent_width: of each in fm; `width` where left out.

    Raises:
        InputError: where even opaque nucleons of this width do not meet often enough.
    """
    inner = width if constituent_width is None else constituent_width
    scale = 4 * np.pi * width**2
    if constituents == 1:

        def excess(log_ratio: float) -> float:
            return float(_mean_probability(log_ratio) - cross_section / scale)

    else:
        overlaps = _overlaps(width, inner, constituents) * scale
        area = CUTOFF**2 / 4

        def excess(log_ratio: float) -> float:
            return float(area * -np.expm1(-np.exp(log_ratio) * overlaps).mean() - cross_section / scale)

    if not excess(RANGE[0]) < 0 < excess(RANGE[1]):
        most = scale * CUTOFF**2 / 4
        expected = f"less than {most:.2g} fm^2 at nucleon_width {width:g} fm"
        raise InputError("system", "cross_section", expected, cross_section)
    return float(scale * np.exp(brentq(excess, *RANGE, xtol=1e-12)))


def _mean_probability(log_ratio: float) -> float:
    """Integral of 1 - exp(-e^x e^-t) over t = b^2 / 4 w^2 in (0, 9)."""
    last = CUTOFF**2 / 4
    return last - expi(-np.exp(log_ratio)) + expi(-np.exp(log_ratio - last))


def _overlaps(width: float, inner: float, constituents: int) -> np.ndarray:
    """Draw T_nn in fm^-2 of pairs of nucleons, evenly spread over the disc of radius 6 w."""
    generator = np.random.default_rng(SEED)
    spread = constituent_spread(width, inner, constituents)
    centres = np.zeros((2, PAIRS, 1, 2))
    # One distance in each ring of equal area: what is left of the error is that of the constituents.
    centres[1, :, 0, 0] = CUTOFF * width * np.sqrt((np.arange(PAIRS) + 0.5) / PAIRS)
    offsets = spread * generator.standard_normal((2, PAIRS, constituents, 2))
    one, two = centres + offsets - offsets.mean(axis=2, keepdims=True)
    total = np.zeros(PAIRS)
    for i in range(constituents):
        for j in range(constituents):
            squared = ((one[:, i] - two[:, j]) ** 2).sum(axis=1)
            total += np.exp(-squared / (4 * inner**2))
    return total / (4 * np.pi * inner**2 * constituents**2)
