"""Raster order of a two-dimensional torus: what of the sites before one its law depends on."""

import numpy as np

__all__ = ["boundary", "earlier_neighbours"]


def boundary(shape: tuple[int, ...]) -> np.ndarray:
    """List for each site the boundary between the sites before it and those that come, (V, 2 L_x).

    The last L_x sites, the latest first, and row 0 from the site's column on, which closes the torus. Where there is none,
    in row 0 for the second half too, the number is V.
    """
    height, width = shape
    sites = np.arange(height * width)
    strip = sites[:, None] - 1 - np.arange(width)
    row = (sites[:, None] + np.arange(width)) % width
    row = np.where(sites[:, None] < width, height * width, row)
    return np.concatenate([np.where(strip < 0, height * width, strip), row], 1)


def earlier_neighbours(shape: tuple[int, ...]) -> np.ndarray:
    """List for each site the neighbours on the square lattice that come before it, (V, 4); V where there are fewer."""
    height, width = shape
    sites = np.arange(height * width)
    y, x = divmod(sites, width)
    around = [(y, x - 1), (y - 1, x), (y, x + 1), (y + 1, x)]
    numbers = np.stack([(row % height) * width + column % width for row, column in around], 1)
    return np.where(numbers < sites[:, None], numbers, height * width)
