r"""Stationary density of complex Langevin by solving its Fokker-Planck equation on a grid.

.. math:: 0 = [\partial_x(\partial_x - K_x) - \partial_y K_y] P

Finite volumes conserve probability and keep it positive: exponentially fitted fluxes in x (D. L. Scharfetter and H. K.
Gummel, IEEE Trans. Electron Devices 16 (1969) 64), upwind fluxes in y, where nothing diffuses. Upwinding adds a diffusion
|K_y| dy / 2, so the solution converges with the first power of the cell size in y; `stationary` returns the distance from
the solution with cells twice as large.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from emulant.plane.density import Grid, divergence, total_variation

__all__ = ["Stationary", "stationary", "stationary_shares"]


class Stationary(NamedTuple):
    """Shares of the cells of a grid, and their distance from the solution with cells twice as large.

    Attributes:
        shares: (cells_x, cells_y).
        kl: KL(shares || coarser solution).
        tv: their total variation.
    """

    shares: np.ndarray
    kl: float
    tv: float


def stationary(action: Any, grid: Grid, *, refinement: int = 4) -> Stationary:
    """Solve on `refinement` times finer cells, an even number, and on cells twice as large.

    Arguments:
        action: with `drift`.
        grid: cells of the result.
        refinement: factor in y, where convergence is slow; in x it is half of that.
    """
    fine, coarse = (
        grid.coarsened(
            stationary_shares(
                action, Grid(grid.reach_x, grid.reach_y, grid.cells_x * max(1, n // 2), grid.cells_y * n)
            )
        )
        for n in (refinement, refinement // 2)
    )
    return Stationary(fine, divergence(fine, coarse), total_variation(fine, coarse))


def stationary_shares(action: Any, grid: Grid) -> np.ndarray:
    """Solve on exactly this grid, (cells_x, cells_y); no probability crosses its border."""
    (x_edges, y_edges), (x, y) = grid.edges, grid.centres
    number = np.arange(grid.cells_x * grid.cells_y).reshape(grid.cells_x, grid.cells_y)
    dx, dy = x[1] - x[0], y[1] - y[0]
    drift_x = action.drift(x_edges[1:-1, None] + 1j * y[None, :]).real * dx
    drift_y = action.drift(x[:, None] + 1j * y_edges[None, 1:-1]).imag
    flows = [
        (number[:-1], number[1:], _bernoulli(-drift_x) / dx**2, _bernoulli(drift_x) / dx**2),
        (number[:, :-1], number[:, 1:], np.maximum(drift_y, 0) / dy, np.maximum(-drift_y, 0) / dy),
    ]
    rows, columns, values = [], [], []
    for lower, upper, up, down in flows:
        for source, target, rate in ((lower, upper, up), (upper, lower, down)):
            rows += [target.ravel(), source.ravel()]
            columns += [source.ravel()] * 2
            values += [rate.ravel(), -rate.ravel()]
    # Rates conserve probability, so one equation is redundant; it is replaced by fixing the central cell's share.
    middle = number[grid.cells_x // 2, grid.cells_y // 2]
    row, column, value = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    balanced = row != middle
    matrix = coo_matrix(
        (
            np.append(value[balanced], 1.0),
            (np.append(row[balanced], middle), np.append(column[balanced], middle)),
        ),
        shape=(number.size, number.size),
    )
    right = np.zeros(number.size)
    right[middle] = 1.0
    shares = splu(matrix.tocsc(), permc_spec="COLAMD").solve(right)
    shares = np.maximum(shares, 0.0).reshape(number.shape)
    return shares / shares.sum()


def _bernoulli(w: np.ndarray) -> np.ndarray:
    """Compute w / (e^w - 1)."""
    return np.where(np.abs(w) < 1e-6, 1 - 0.5 * w, w / np.expm1(np.where(w == 0, 1.0, w)))
