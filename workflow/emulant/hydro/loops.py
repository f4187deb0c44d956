"""A Heun step of one event by loops over cells, compiled by Numba.

The right side has a reconstruction of e, u and pi, so that faces need no root finding, the flux of Kurganov and Tadmor, and
sources from central slopes in space and differences of earlier flows in time.
"""

import numpy as np
from numba import njit
from numba.extending import overload

from emulant.hydro.arithmetic import combined
from emulant.hydro.fluxes import densities, face_flux
from emulant.hydro.primitives import capped, recovered
from emulant.hydro.reconstruction import rise, slope
from emulant.hydro.sources import sources
from emulant.hydro.state import GHOSTS
from emulant.hydro.table import pressure_and_speed
from emulant.hydro.time_derivative import flow_change, flow_change_after

__all__ = ["heun_step"]

FAST = {"reassoc", "contract", "nsz", "arcp"}
"""Without "nnan" and "ninf": infinities and NaN keep their meaning, so that an unstable run is seen."""
kernel = njit(fastmath=FAST, error_model="numpy", cache=True, nogil=True)


def _cell(fields, order, i, j):
    """Return the components `order` of a cell."""
    return tuple(fields[k, i, j] for k in order)


@overload(_cell)
def _compiled_cell(fields, order, i, j):
    def three(fields, order, i, j):
        k = order
        return fields[k[0], i, j], fields[k[1], i, j], fields[k[2], i, j]

    def six(fields, order, i, j):
        f, k = fields, order
        return f[k[0], i, j], f[k[1], i, j], f[k[2], i, j], f[k[3], i, j], f[k[4], i, j], f[k[5], i, j]

    return three if order.count == 3 else six


@kernel
def _reconstruct(fields, faces):
    """Write the values at the faces of each cell towards +x, -x, +y, -y."""
    components, size, _ = fields.shape
    for k in range(components):
        f = fields[k]
        for i in range(GHOSTS - 1, size - GHOSTS + 1):
            for j in range(GHOSTS - 1, size - GHOSTS + 1):
                q = f[i, j]
                faces[0, k, i, j] = q + rise(f[i - 2, j], f[i - 1, j], q, f[i + 1, j], f[i + 2, j])
                faces[1, k, i, j] = q + rise(f[i + 2, j], f[i + 1, j], q, f[i - 1, j], f[i - 2, j])
                faces[2, k, i, j] = q + rise(f[i, j - 2], f[i, j - 1], q, f[i, j + 1], f[i, j + 2])
                faces[3, k, i, j] = q + rise(f[i, j + 2], f[i, j + 1], q, f[i, j - 1], f[i, j - 2])
    faces[:, 0] = np.maximum(faces[:, 0], 0.0)


@kernel
def _move(flux, order, weight, rate, i, j, k, m):
    """Take a flux from cell (i, j) and give it to cell (k, m)."""
    for component in range(len(order)):
        rate[order[component], i, j] -= weight * flux[component]
        rate[order[component], k, m] += weight * flux[component]


@kernel
def _add_fluxes(fields, faces, rate, table, floor, weight, orders):
    """Add what flows through faces to the rates of change."""
    size, x, y = fields.shape[1], orders[0], orders[1]
    for i in range(GHOSTS - 1, size - GHOSTS):
        for j in range(GHOSTS, size - GHOSTS):
            # Between two cells of vacuum nothing flows.
            if fields[0, i, j] > floor or fields[0, i + 1, j] > floor:
                left, right = _cell(faces[0], x, i, j), _cell(faces[1], x, i + 1, j)
                _move(face_flux(left, right, table), x, weight, rate, i, j, i + 1, j)
            if fields[0, j, i] > floor or fields[0, j, i + 1] > floor:
                left, right = _cell(faces[2], y, j, i), _cell(faces[3], y, j, i + 1)
                _move(face_flux(left, right, table), y, weight, rate, j, i, j, i + 1)


@kernel
def _slope(fields, k, i, j, x, y):
    """Return the difference of a component to the next cell along (x, y)."""
    return slope(
        fields[k, i - 2 * x, j - 2 * y],
        fields[k, i - x, j - y],
        fields[k, i + x, j + y],
        fields[k, i + 2 * x, j + 2 * y],
    )


@kernel
def _add_source(fields, change, rate, matter, order, tau, step, spacing, i, j):
    """Add the sources of a cell to its rates of change, where the flow changes by `change` in a step."""
    gradients = (
        change[0, i, j] / step,
        change[1, i, j] / step,
        _slope(fields, 1, i, j, 1, 0) / spacing,
        _slope(fields, 2, i, j, 1, 0) / spacing,
        _slope(fields, 1, i, j, 0, 1) / spacing,
        _slope(fields, 2, i, j, 0, 1) / spacing,
    )
    values = _cell(fields, order, i, j)
    source = sources(values, gradients, matter.table, matter.viscosity, tau, matter.coupling)
    rate[0, i, j] += source[0]
    for k in range(1, len(source)):
        rate[k + 2, i, j] += source[k]


@kernel
def _update_cell(start, guess, rate, out, matter, order, step, before, after, i, j):
    """Write the values of a cell; returns whether it is hot, and whether its shear was capped too."""
    cell = _cell(start, order, i, j)
    density = densities(cell, pressure_and_speed(matter.table, cell[0])[0])
    conserved = combined(before / after, density, step / after, _cell(rate, order, i, j))
    values = recovered(conserved, _cell(guess, order, i, j), matter.table, matter.limits)
    values, excess = capped(values, matter.table, matter.limits)
    for k in range(len(order)):
        out[k, i, j] = values[k]
    return values[0] > matter.hot, excess and values[0] > matter.hot


@kernel
def _update(start, guess, rate, out, matter, order, step, before, after):
    """Write values at `after` from those at `before` and the rates of change; returns the capped part of hot cells."""
    size, floor, hot, above = start.shape[1], matter.limits.floor, 0, 0
    for i in range(GHOSTS, size - GHOSTS):
        for j in range(GHOSTS, size - GHOSTS):
            # Vacuum that nothing flows into stays vacuum.
            if start[0, i, j] <= floor and rate[0, i, j] <= 0:
                out[:, i, j] = 0
                out[0, i, j] = floor
            else:
                counts = _update_cell(start, guess, rate, out, matter, order, step, before, after, i, j)
                hot += counts[0]
                above += counts[1]
    return above / max(hot, 1)


@kernel
def _fill_ghosts(fields):
    """Copy the last cell of each row and column beyond the edge."""
    last = fields.shape[1] - GHOSTS
    for g in range(GHOSTS):
        fields[:, g, :] = fields[:, GHOSTS, :]
        fields[:, last + g, :] = fields[:, last - 1, :]
    for g in range(GHOSTS):
        fields[:, :, g] = fields[:, :, GHOSTS]
        fields[:, :, last + g] = fields[:, :, last - 1]


@kernel
def _add_rates(fields, change, faces, rate, matter, orders, tau, step, spacing):
    """Add the rates of change of all conserved quantities."""
    _reconstruct(fields, faces)
    _add_fluxes(fields, faces, rate, matter.table, matter.limits.floor, tau / spacing, orders)
    size, floor = fields.shape[1], matter.limits.floor
    for i in range(GHOSTS, size - GHOSTS):
        for j in range(GHOSTS, size - GHOSTS):
            if fields[0, i, j] > floor:
                _add_source(fields, change, rate, matter, orders[0], tau, step, spacing, i, j)


@kernel
def heun_step(fields, history, middle, faces, rate, matter, orders, tau, step, spacing):
    """Move one event on; returns the fraction of hot cells whose shear was scaled down.

    Arguments:
        fields: (3 or 6, n + 4, n + 4), updated.
        history: (u_x, u_y) of the two times before, (2, 2, n + 4, n + 4), updated.
        middle: the fields after an Euler step, of the shape of `fields`.
        faces: values at the four faces of each cell, (4, *fields.shape).
        rate: the rates of change, of the same shape.
        matter: equation of state, transport and limits.
        orders: components of a cell in the order of each direction.
        tau: proper time, fm.
        step: in proper time, fm.
        spacing: of the grid, fm.
    """
    rate[:] = 0
    change = flow_change(fields[1:3], history)
    _add_rates(fields, change, faces, rate, matter, orders, tau, step, spacing)
    # Newton's method begins from the flow that goes on as it did.
    middle[0] = fields[0]
    middle[1:3] = 2 * fields[1:3] - history[0]
    _update(fields, middle, rate, middle, matter, orders[0], step, tau, tau + step)
    _fill_ghosts(middle)
    change = flow_change_after(fields[1:3], history)
    _add_rates(middle, change, faces, rate, matter, orders, tau + step, step, spacing)
    history[1] = history[0]
    history[0] = fields[1:3]
    # The sum of both rates over half a step is their mean over a step.
    above = _update(fields, middle, rate, fields, matter, orders[0], step / 2, tau, tau + step)
    _fill_ghosts(fields)
    return above
