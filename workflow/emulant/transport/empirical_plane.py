"""Exact denoiser of an empirical measure of two variables, symmetric under a change of both signs.

A fine histogram represents many samples without relevant loss, and under it E[u₀ | u₀ + s z = u] is a sum over its
cells, which for a rectangle of points u is two products of matrices (compare `empirical` for one variable).
"""

import torch
from torch import Tensor

__all__ = ["PlaneHistogram"]


class PlaneHistogram:
    """Histogram of samples on equal cells of the square [-reach, reach]².

    Arguments:
        samples: (N, 2).
        cells: number in each direction.
    """

    def __init__(self, samples: Tensor, cells: int = 1024) -> None:
        # A little beyond the farthest sample, which so lies inside a cell.
        self.reach = 1.001 * float(samples.abs().max())
        index = ((samples.double() / self.reach + 1) * (0.5 * cells)).long().clamp(0, cells - 1)
        counts = torch.bincount(index[:, 0] * cells + index[:, 1], minlength=cells**2).reshape(cells, cells)
        both = counts + counts.flip(0, 1)
        self.shares = both.double() / both.sum()
        self.centres = self.reach * ((torch.arange(cells, dtype=torch.float64) + 0.5) * (2 / cells) - 1)

    def posterior_means(self, across: Tensor, along: Tensor, noise: float) -> tuple[Tensor, Tensor]:
        """Compute E[u₀ | u] and the density of u₀ + s z at the points of a rectangle.

        Arguments:
            across, along: coordinates of the rectangle, (n,), (m,).
            noise: s, not smaller than a cell.

        Returns:
            Means (n, m, 2) and densities (n, m).
        """
        left, right = (self._kernel(coordinates, noise) for coordinates in (across, along))
        inner = self.shares @ right.T
        density = left @ inner
        mean_x = (left * self.centres) @ inner
        mean_y = left @ (self.shares @ (right * self.centres).T)
        return torch.stack([mean_x, mean_y], dim=-1) / density.clamp_min(1e-300)[..., None], density

    def _kernel(self, coordinates: Tensor, noise: float) -> Tensor:
        """Evaluate N(u; centre, s²) of coordinates (n,) and all centres, (n, cells)."""
        distance = (coordinates[:, None] - self.centres) / noise
        return torch.exp(-0.5 * distance**2) / (noise * (2 * torch.pi) ** 0.5)
