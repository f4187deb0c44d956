r"""Weights of a site in the flux representation and their ratios.

A site of occupation s = 2j carries

.. math:: W_j = \int_0^\infty dr\, r^{2j+1} e^{-\eta r^2 - \lambda r^4},

and every move and every observable needs only R_j = W_{j+1} / W_j. Integration by parts gives

.. math:: R_j (\eta + 2 \lambda R_{j+1}) = j + 1,

which is stable run downwards in j, from an integral at the top.
"""

import math

import numpy as np

__all__ = ["site_ratios"]

# At 12 widths from its peak a Gaussian integrand is e^-72; 200 Gauss-Legendre nodes resolve it to rounding.
NODES, WIDTHS = 200, 12


def site_ratios(eta: float, coupling: float, size: int) -> np.ndarray:
    """Compute R_0, ..., R_{size-1} to rounding; without neighbours R_0 = <|phi|^2> and R_0 R_1 = <|phi|^4>.

    Arguments:
        eta: coefficient of |phi|^2, positive.
        coupling: of |phi|^4, not negative.
        size: of the table.
    """
    ratios = np.empty(size)
    ratio = _ratio(eta, coupling, size)
    for j in range(size - 1, -1, -1):
        ratio = (j + 1) / (eta + 2 * coupling * ratio)
        ratios[j] = ratio
    return ratios


def _ratio(eta: float, coupling: float, j: int) -> float:
    """Compute R_j = <u> under u^j exp(-eta u - lambda u^2), j > 0, by quadrature about its peak."""
    peak = 2 * j / (eta + math.sqrt(eta**2 + 8 * coupling * j))
    width = 1 / math.sqrt(j / peak**2 + 2 * coupling)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    low, high = max(0.0, peak - WIDTHS * width), peak + WIDTHS * width
    u = low + (high - low) * (nodes + 1) / 2
    exponent = j * np.log(u / peak) - (u - peak) * (eta + coupling * (u + peak))
    density = weights * np.exp(exponent)
    return float(density @ u / density.sum())
