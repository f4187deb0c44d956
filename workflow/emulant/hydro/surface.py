"""The surface of constant energy density in (tau, x, y): elements with their normals, flow and shear."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates
from skimage.measure import marching_cubes

from emulant.hydro.evolution import Evolution
from emulant.hydro.tensors import completed

__all__ = ["Surface", "freeze_out"]


@dataclass(frozen=True)
class Surface:
    """Elements of a freeze-out surface per unit of space-time rapidity, (M, ...) each.

    Attributes:
        position: tau, x, y in fm, (M, 3).
        normal: d sigma_mu = tau times the area along (tau, x, y), covariant, towards lower energy, fm^3, (M, 3).
        flow: u_x and u_y, (M, 2).
        shear: pi^xx, pi^xy, pi^yy in GeV / fm^3, (M, 3); zero in an ideal fluid.
    """

    position: np.ndarray
    normal: np.ndarray
    flow: np.ndarray
    shear: np.ndarray

    def __len__(self) -> int:
        return len(self.normal)

    @property
    def lorentz(self) -> np.ndarray:
        """u^tau, (M,)."""
        return np.sqrt(1 + np.sum(self.flow**2, axis=1))

    @property
    def volumes(self) -> np.ndarray:
        """Volumes u . d sigma in the rest frame of the fluid, fm^3, (M,)."""
        return self.lorentz * self.normal[:, 0] + np.sum(self.flow * self.normal[:, 1:], axis=1)

    @property
    def completed_shear(self) -> tuple[np.ndarray, ...]:
        """pi^{tau tau}, pi^{tau x}, pi^{tau y} and tau^2 pi^{eta eta}, (M,) each."""
        return completed(self.lorentz, *self.flow.T, *self.shear.T)


def freeze_out(evolution: Evolution, energy: float, spacing: float) -> Surface:
    """Find the surface e = `energy` of an event by marching cubes on ln e, one element for each cube that it cuts.

    Matter that is colder at the first time has no element: the surface begins at the edge of the hot matter there.

    Arguments:
        evolution: of one event, hot at its first time and cold at its last.
        energy: GeV / fm^3.
        spacing: of the grid in fm, whose centre is x = y = 0.
    """
    fields = np.stack(evolution.fields, axis=1)
    duration = evolution.times[1] - evolution.times[0]
    vertices, triangles, _, _ = marching_cubes(np.log(fields[0]), np.log(energy), allow_degenerate=False)
    scale = np.array([duration, spacing, spacing])
    corners = vertices[triangles].astype(float)
    sides = (corners[:, 1:] - corners[:, :1]) * scale
    area = np.cross(sides[:, 0], sides[:, 1]) / 2
    # Open at the first time, where it encloses hot matter: the sum over an outward surface is that area, along +tau.
    area *= np.sign(area[:, 0].sum())
    centre = corners.mean(axis=1)
    values = np.stack([map_coordinates(field, centre.T, order=1, mode="nearest") for field in fields[1:]])
    values = np.concatenate([values, np.zeros((5 - len(values), len(centre)))])
    return _gathered(centre, area, values, np.array([evolution.times[0], *_origin(fields, spacing)]), scale)


def _origin(fields: np.ndarray, spacing: float) -> list[float]:
    """Return x and y of the first cell."""
    return [-spacing * (fields.shape[-1] - 1) / 2] * 2


def _gathered(
    centre: np.ndarray, area: np.ndarray, values: np.ndarray, origin: np.ndarray, scale: np.ndarray
) -> Surface:
    """Add the triangles of each cube up; position, flow and shear are means by area."""
    _, cube = np.unique(np.floor(centre).astype(int), axis=0, return_inverse=True)
    size = np.linalg.norm(area, axis=1)
    whole = np.bincount(cube, size)

    def added(columns: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(cube, column) for column in columns], axis=1)

    position = origin + scale * added(size * centre.T) / whole[:, None]
    normal = position[:, :1] * added(area.T)
    means = added(size * values) / whole[:, None]
    return Surface(position, normal, means[:, :2], means[:, 2:])
