r"""Weights of a site in the flux representation and their ratios.

A site of occupation s = 2j carries

.. math:: W_j = \int_0^\infty dr\, r^{2j+1} e^{-\eta r^2 - \lambda r^4},

and every move and every observable needs only R_j = W_{j+1} / W_j. Integration by parts gives
R_j (eta + 2 lambda R_{j+1}) = j + 1, a continued fraction that contracts when run downwards in j.
"""

import math

import numpy as np

__all__ = ["site_ratios"]

SETTLE = 400


def site_ratios(eta: float, coupling: float, size: int) -> np.ndarray:
    """R_0, ..., R_{size-1}, to rounding; R_0 = <|phi|^2> and R_0 R_1 = <|phi|^4> of a site without neighbours.

    Arguments:
        eta: coefficient of |phi|^2, positive.
        coupling: of |phi|^4, not negative.
        size: of the table.
    """
    ratios = np.empty(size)
    top = size + SETTLE
    if coupling == 0:
        return np.arange(1, size + 1) / eta
    # The fixed point of the recursion at the top; what is wrong with it dies out within SETTLE levels.
    ratio = 2 * (top + 1) / (eta + math.sqrt(eta**2 + 8 * coupling * (top + 1)))
    for j in range(top - 1, -1, -1):
        ratio = (j + 1) / (eta + 2 * coupling * ratio)
        if j < size:
            ratios[j] = ratio
    return ratios
