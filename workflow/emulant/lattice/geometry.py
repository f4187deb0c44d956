"""Periodic lattice as one flat array with a layer of ghost sites, so that kernels loop over contiguous ranges.

A lattice of shape (L1, ..., Ld) is stored in a flat array over (L1+2, ..., Ld+2). Ghost sites repeat the opposite face. A
force computed over the whole flat range needs no index arithmetic; the values it writes to ghost sites are overwritten by
the next fill.
"""

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["Geometry"]


@dataclass(frozen=True)
class Geometry:
    """Index tables of a periodic lattice with ghosts.

    Attributes:
        shape: lattice shape.
        strides: flat distance to the next neighbour in each direction, (d,).
        rows: flat position of the first site of each row along the last direction, (V / Ld,).
        faces: flat positions of rows of ghosts and of the rows that they copy, (n, 2).
        size: length of the flat array.
    """

    shape: tuple[int, ...]
    strides: np.ndarray
    rows: np.ndarray
    faces: np.ndarray
    size: int

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> "Geometry":
        """Build the tables for `shape`."""
        padded = tuple(length + 2 for length in shape)
        starts = np.arange(math.prod(padded)).reshape(padded)[..., 1]
        inner = (slice(1, -1),) * (len(shape) - 1)
        faces = [np.empty((0, 2), np.int64)]
        for axis in range(len(shape) - 1):
            for ghost, source in ((0, -2), (-1, 1)):
                ghost_face, source_face = (
                    (*inner[:axis], layer, *inner[axis + 1 :]) for layer in (ghost, source)
                )
                faces.append(np.stack([starts[ghost_face].ravel(), starts[source_face].ravel()], axis=1))
        strides = np.array([math.prod(padded[axis + 1 :]) for axis in range(len(shape))])
        return cls(tuple(shape), strides, starts[inner].ravel(), np.concatenate(faces), math.prod(padded))

    @property
    def volume(self) -> int:
        """Number of sites."""
        return math.prod(self.shape)

    @property
    def tables(self) -> tuple[np.ndarray, np.ndarray, int, np.ndarray]:
        """Strides, rows, length of a row and faces, the arguments of kernels."""
        return self.strides, self.rows, self.shape[-1], self.faces

    @property
    def interior(self) -> np.ndarray:
        """Flat positions of the sites in C order, (V,)."""
        return (self.rows[:, None] + np.arange(self.shape[-1])).ravel()

    @property
    def neighbours(self) -> np.ndarray:
        """Flat positions of the 2d neighbours of each site, at the site's flat position, (size, 2d)."""
        positions = self.interior.reshape(self.shape)
        rolled = [
            np.roll(positions, step, axis).ravel() for axis in range(positions.ndim) for step in (1, -1)
        ]
        table = np.zeros((self.size, len(rolled)), np.int64)
        table[self.interior] = np.stack(rolled, axis=1)
        return table

    def pad(self, fields: np.ndarray, dtype: str) -> np.ndarray:
        """Copy fields (N, *shape) to flat arrays (N, size) with zero ghosts."""
        padded = np.zeros((len(fields), self.size), dtype)
        self.sites(padded)[...] = fields
        return padded

    def sites(self, padded: np.ndarray) -> np.ndarray:
        """Return a view (N, *shape) of the sites of flat arrays (N, size)."""
        boxes = padded.reshape(len(padded), *(length + 2 for length in self.shape))
        return boxes[(slice(None), *(slice(1, -1) for _ in self.shape))]
