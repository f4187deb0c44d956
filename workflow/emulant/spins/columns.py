r"""Few states of a column for all rows that come: a square torus summed behind every row, nearly exactly.

n rows between a row s and row 0, called t, are summed from column to column around the torus,

.. math:: W_n(s, t) = \mathrm{Tr} \prod_x M^{(n)}_{s_x t_x}, \qquad M^{(0)}_{st} = e^{Kst}, \qquad
    M^{(n+1)}_{st} = \sum_\sigma e^{Ks\sigma}\, q_\sigma q_\sigma^T \otimes M^{(n)}_{\sigma t}

where q_sigma = (sqrt(cosh K), sigma sqrt(sinh K)), as q_sigma . q_sigma' = e^{K sigma sigma'}. The 2^n states of a column
are reduced row by row to those with the largest eigenvalues of the density rho of half a ring, the fixed point of
sum M rho M over s and t, in which errors of W_n for all rows s and t count alike. At K_c eight states replace 2^15.

Sums over classical spins by tensor networks propose configurations in M. Frias-Perez et al., arXiv:2104.13264.
"""

import functools
import math

import numpy as np

__all__ = ["column_matrices"]

SPIN = np.array([-1.0, 1.0])


@functools.lru_cache(maxsize=64)
def column_matrices(coupling: float, shape: tuple[int, ...], states: int) -> tuple[np.ndarray, ...]:
    """Compute M of 0, 1, ... L_y - 1 rows between, each (2, 2, d, d) up to a factor, with d at most `states`.

    Indices are s and t, -1 first, and the states of the column to the left and to the right. Both signs of all spins are
    alike to rounding: every state is even or odd.

    Arguments:
        coupling: K, not negative.
        shape: L_y, L_x.
        states: of a column; exact from 2^(L_y - 1) on.
    """
    weight = np.exp(coupling * np.outer(SPIN, SPIN))
    to_side = np.stack([np.full(2, math.sqrt(math.cosh(coupling))), SPIN * math.sqrt(math.sinh(coupling))], 1)
    matrices, parity = [weight[:, :, None, None]], np.ones(1)
    for _ in range(shape[0] - 1):
        last = matrices[-1]
        size = 2 * last.shape[-1]
        grown = np.einsum("sg,ga,gb,gtlr->stalbr", weight, to_side, to_side, last).reshape(2, 2, size, size)
        parity = np.concatenate([parity, -parity])
        if size > states:
            reduction, parity = _states(grown, parity, states, shape[1])
            grown = reduction.T @ grown @ reduction
        matrices.append(np.ascontiguousarray(grown / np.abs(grown).max()))
    return tuple(matrices)


def _states(
    matrices: np.ndarray, parity: np.ndarray, states: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the eigenvectors (d, states) of the density of half a ring with the largest eigenvalues; and their parities."""
    density = np.eye(len(parity))
    for _ in range(width):
        density = (matrices @ density @ matrices).sum((0, 1))
        density /= np.trace(density)
    values, vectors = np.empty(len(parity)), np.zeros_like(density)
    for sector in (parity > 0, parity < 0):
        values[sector], vectors[np.ix_(sector, sector)] = np.linalg.eigh(density[np.ix_(sector, sector)])
    largest = np.argsort(-values)[:states]
    return vectors[:, largest], parity[largest]
