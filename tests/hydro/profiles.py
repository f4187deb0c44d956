"""Initial states and runs that several tests use."""

import numpy as np

from emulant.hydro.conformal import conformal
from emulant.hydro.gubser import Gubser
from emulant.hydro.matter import FLOOR, TOLERANCE, Matter, components_of
from emulant.hydro.numba_fluid import NumbaFluid
from emulant.hydro.primitives import Limits
from emulant.hydro.state import GHOSTS
from emulant.hydro.tensors import completed

UNLIMITED = Limits(FLOOR, TOLERANCE, 10.0, 0.0)
"""Without a cap on shear, which exact solutions exceed."""


def lumpy(cells, spacing, seed=1, total=900.0):
    """tau_0 s of an ellipse of 200 Gaussian lumps, (cells, cells), whose sum over the plane is `total`."""
    x = (np.arange(cells) - (cells - 1) / 2) * spacing
    centres = np.random.default_rng(seed).normal(size=(200, 2)) * [2.0, 2.6]
    one, two = (np.exp(-((x - c[:, None]) ** 2) / (2 * 0.8**2)) for c in centres.T)
    density = one.T @ two
    return total * density / density.sum() / spacing**2


def positions(cells, spacing, ghosts=GHOSTS):
    """x and y of a grid with ghost cells."""
    x = (np.arange(-ghosts, cells + ghosts) - (cells - 1) / 2) * spacing
    return np.meshgrid(x, x, indexing="ij")


def gubser_errors(viscosity, coupling, spacing, *, radius=3.0, half=5.0, start=1.0, end=2.0):
    """Largest errors at `end` inside a radius: of e, u over the largest value, of tau^2 pi^{eta eta} and pi^{ij} over e.

    The run begins with the exact solution, also of the steps before it.
    """
    cells, step = round(2 * half / spacing) + 1, spacing / 5
    flow, components = Gubser(1.2, viscosity, coupling), components_of(viscosity)
    grid = positions(cells, spacing)
    history = np.stack([flow.fields(start - k * step, *grid)[1:3] for k in (1, 2)])
    fluid = NumbaFluid(Matter(conformal().table, viscosity, coupling, UNLIMITED), spacing)
    state = fluid.start(flow.fields(start, *grid)[None, :components], history[None], start)
    for _ in range(round((end - start) / step)):
        state = fluid.advance(state, step)
    exact = flow.fields(state.time, *grid)[:components, GHOSTS:-GHOSTS, GHOSTS:-GHOSTS]
    inside = np.hypot(*positions(cells, spacing, 0)) < radius
    result, exact = state.interior[0][:, inside], exact[:, inside]
    difference = np.abs(result - exact)
    errors = [difference[0].max() / exact[0].max(), difference[1:3].max() / np.abs(exact[1:3]).max()]
    if viscosity > 0:
        longitudinal = np.abs(longitudinal_stress(result) - longitudinal_stress(exact))
        errors += [np.max(longitudinal / exact[0]), np.max(difference[3:] / exact[0])]
    return np.array(errors)


def longitudinal_stress(fields):
    """tau^2 pi^{eta eta}, which no boost in the plane changes."""
    _, x, y, xx, xy, yy = fields
    return completed(np.sqrt(1 + x**2 + y**2), x, y, xx, xy, yy)[3]
