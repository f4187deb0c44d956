"""Bins of p_T: integrals of the polynomial through the nodes of Gauss and Legendre, which ends between nodes cannot harm."""

from functools import lru_cache

import numpy as np
from numpy.polynomial.legendre import leggauss, legvander

__all__ = ["EDGES", "bin_centres", "bin_shares", "bin_symbol"]

EDGES = (0.0, 0.3, 0.6, 0.9, 1.2, 1.5, 2.0, 2.5, 3.0)
"""In GeV. Neighbours are correlated: finer bins would tell no more."""


def bin_centres() -> np.ndarray:
    """Return the middle of each bin in GeV, (bins,)."""
    return 0.5 * (np.array(EDGES[1:]) + EDGES[:-1])


def bin_symbol(quantity: str, index: int) -> str:
    """Return the LaTeX of a quantity in the bin `index`, counted from 0."""
    return rf"{quantity}({EDGES[index]:g}-{EDGES[index + 1]:g}\,\mathrm{{GeV}})"


@lru_cache
def bin_shares(count: int, pt_max: float) -> np.ndarray:
    """Compute what part of a sum over nodes a bin has, (nodes, bins), so that weighted values @ shares are its integrals.

    With Lagrange's polynomials l_i = w_i sum_{k < nodes} (k + 1/2) P_k(x_i) P_k and (2k + 1) int P_k = P_{k+1} - P_{k-1}.

    Arguments:
        count: of nodes on (0, pt_max).
        pt_max: in GeV, the last edge or more.
    """
    ends = legvander(2 * np.array(EDGES) / pt_max - 1, count)
    before = np.column_stack([-np.ones(len(ends)), ends[:, : count - 1]])
    antiderivatives = 0.5 * (ends[:, 1:] - before)
    return legvander(leggauss(count)[0], count - 1) @ np.diff(antiderivatives, axis=0).T
