"""Densities in the plane as probabilities of the cells of a grid, and distances between them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Grid", "divergence", "total_variation"]

# The Jeffreys prior of a multinomial; it keeps KL(p || histogram) finite where a cell is empty.
HALF = 0.5


@dataclass(frozen=True)
class Grid:
    """Equal cells of a rectangle about zero.

    Arguments:
        reach_x, reach_y: the rectangle is [-reach_x, reach_x] x [-reach_y, reach_y].
        cells_x, cells_y: number of cells in each direction.
    """

    reach_x: float
    reach_y: float
    cells_x: int = 100
    cells_y: int = 100

    @property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the edges of the cells in x and y."""
        return (
            np.linspace(-self.reach_x, self.reach_x, self.cells_x + 1),
            np.linspace(-self.reach_y, self.reach_y, self.cells_y + 1),
        )

    @property
    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the centres of the cells in x and y."""
        x, y = self.edges
        return 0.5 * (x[1:] + x[:-1]), 0.5 * (y[1:] + y[:-1])

    @property
    def cell(self) -> float:
        """Return the area of a cell."""
        return 4 * self.reach_x * self.reach_y / (self.cells_x * self.cells_y)

    def refined(self, factor: int) -> "Grid":
        """Divide each cell of the rectangle into factor x factor parts."""
        return Grid(self.reach_x, self.reach_y, self.cells_x * factor, self.cells_y * factor)

    def coarsened(self, shares: np.ndarray) -> np.ndarray:
        """Sum shares of the cells of a refined grid to shares of these cells."""
        across, along = shares.shape[0] // self.cells_x, shares.shape[1] // self.cells_y
        return shares.reshape(self.cells_x, across, self.cells_y, along).sum(axis=(1, 3))

    def histogram(self, points: np.ndarray) -> np.ndarray:
        """Compute shares (cells_x, cells_y) of points (N, 2), with half a count added to each cell."""
        counts, _, _ = np.histogram2d(points[:, 0], points[:, 1], bins=self.edges)
        return (counts + HALF) / (counts + HALF).sum()

    def of_energy(self, energy: Callable[[np.ndarray], np.ndarray], factor: int = 4) -> np.ndarray:
        """Compute shares of exp(-E), normalised on the grid; `energy` maps points (N, 2) to (N,)."""
        x, y = np.meshgrid(*self.refined(factor).centres, indexing="ij")
        values = energy(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(x.shape)
        weight = np.exp(values.min() - values)
        return self.coarsened(weight / weight.sum())


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """Compute the Kullback-Leibler divergence KL(p || q) = sum p ln(p/q) of shares; infinite where q = 0 < p."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / q), 0.0)
    return float(terms.sum())


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Compute half the sum of |p - q| of shares."""
    return float(0.5 * np.abs(p - q).sum())
