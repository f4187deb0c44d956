"""Likelihood of a deformation from the positions of all nucleons of a nucleus whose axis has an unknown direction.

Without a minimum distance nucleons are independent given the axis n, with cosines c_i = n . x_i / |x_i|:
p(x) = int dn / (4 pi) prod_i rho(|x_i|, c_i). The integral is a sum over a Fibonacci lattice of the half sphere; nucleons
are counted at nodes of r and |c|, between which ln rho is linear, so that sums over them are one product of matrices.
"""

import numpy as np
from scipy.special import logsumexp

from emulant.initial.nuclei import Nucleus

__all__ = ["Deformations", "draw_nucleons"]

AXES = 160
"""On the half sphere, 0.2 apart: at |beta2| = 0.4 nucleons know the axis of uranium to 0.15, and a Gaussian that is summed
at 4/3 of its width is integrated to 1e-4."""
STEP = 0.25
"""Of the nodes of r in fm: ln rho bends over a surface thickness, 0.5 fm or so."""
COSINES = 33
"""Nodes of |cos|."""
TAIL = 10.0
"""Surface thicknesses beyond the longest radius at which T_RENTo's density ends."""


def farthest(nucleus: Nucleus) -> float:
    """Radius in fm that holds all nucleons."""
    return 1.5 * nucleus.radius + TAIL * nucleus.diffuseness


def draw_nucleons(nucleus: Nucleus, generator: np.random.Generator) -> np.ndarray:
    """Draw the positions of all nucleons about the axis z, (mass number, 3) in fm."""
    points = np.empty((0, 3))
    while len(points) < nucleus.mass_number:
        size = 8 * nucleus.mass_number
        r = farthest(nucleus) * generator.random(size) ** (1 / 3)
        cosine, angle = 2 * generator.random(size) - 1, 2 * np.pi * generator.random(size)
        inside = (
            generator.random(size) * (1 + np.exp((r - nucleus.surface(cosine)) / nucleus.diffuseness)) < 1
        )
        across = r * np.sqrt(1 - cosine**2)
        drawn = np.column_stack([across * np.cos(angle), across * np.sin(angle), r * cosine])
        points = np.concatenate([points, drawn[inside]])
    return points[: nucleus.mass_number]


class Deformations:
    """Densities of nuclei that may be, at nodes of r and |cos|.

    Arguments:
        nuclei: alike but for their deformation.
    """

    def __init__(self, nuclei: list[Nucleus]) -> None:
        end = max(map(farthest, nuclei))
        self.radii = np.arange(0.0, end + 2 * STEP, STEP)
        self.cosines = np.linspace(0, 1, COSINES)
        self.axes = half_sphere(AXES)
        # Float32 knows ln rho of 238 nucleons to 1e-4.
        self.log_densities = np.stack([self._log_density(n) for n in nuclei], axis=1).astype(np.float32)

    def log_likelihood(self, nucleons: np.ndarray) -> np.ndarray:
        """Compute ln p of the nucleons (n, 3) of one nucleus under each of the deformations, (deformations,)."""
        r = np.linalg.norm(nucleons, axis=1)
        cosines = np.abs(nucleons @ self.axes.T / r[:, None]).T
        shape = (len(self.radii), COSINES)
        row, along = _node(np.broadcast_to(r / STEP, cosines.shape), shape[0])
        column, across = _node(cosines * (COSINES - 1), shape[1])
        counts = np.zeros(len(self.axes) * shape[0] * shape[1])
        first = np.arange(len(self.axes))[:, None] * shape[0]
        for i, weight in ((0, 1 - along), (1, along)):
            for j, other in ((0, 1 - across), (1, across)):
                cells = (first + row + i) * shape[1] + column + j
                counts += np.bincount(cells.ravel(), (weight * other).ravel(), len(counts))
        of_axes = counts.reshape(len(self.axes), -1).astype(np.float32) @ self.log_densities
        return logsumexp(of_axes.astype(np.float64), axis=0) - np.log(len(self.axes))

    def _log_density(self, nucleus: Nucleus) -> np.ndarray:
        """Normalised ln rho at all nodes, flat, less what straight lines between them add on average."""
        r, cosine = self.radii[:, None], self.cosines
        log_density = -np.logaddexp(0.0, (r - nucleus.surface(cosine)) / nucleus.diffuseness)
        straight = log_density.copy()
        straight[1:-1] -= np.diff(log_density, 2, axis=0) / 12
        straight[:, 1:-1] -= np.diff(log_density, 2, axis=1) / 12
        return (straight - np.log(_volume(nucleus))).ravel()


def half_sphere(count: int) -> np.ndarray:
    """Directions of a Fibonacci lattice with z > 0, (count, 3)."""
    z = (np.arange(count) + 0.5) / count
    angle, across = np.pi * (1 + 5**0.5) * np.arange(count), np.sqrt(1 - z**2)
    return np.column_stack([across * np.cos(angle), across * np.sin(angle), z])


def _node(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The node below each value, and the part of the way to the next one."""
    node = np.minimum(values.astype(int), count - 2)
    return node, values - node


def _volume(nucleus: Nucleus) -> float:
    """Integral of 1 / (1 + exp((r - R(theta)) / a)) in fm^3, by the midpoint rule in r and Gauss' in cos."""
    cosine, weights = np.polynomial.legendre.leggauss(32)
    step = farthest(nucleus) / 2000
    r = (np.arange(2000) + 0.5)[:, None] * step
    inside = np.exp(-np.logaddexp(0.0, (r - nucleus.surface(cosine)) / nucleus.diffuseness))
    return float(2 * np.pi * step * (r**2 * inside @ weights).sum())
