"""A Heun step of one event by loops over cells, compiled by Numba.

The right side has a piecewise linear reconstruction of e, u and pi, so that faces need no root finding, the flux of Kurganov
and Tadmor, and sources from limited slopes in space and backward differences of second order in time.
"""

from numba import njit
from numba.extending import overload

from emulant.hydro.arithmetic import combined, minmod
from emulant.hydro.fluxes import densities, face_flux
from emulant.hydro.primitives import capped, recovered
from emulant.hydro.sources import sources
from emulant.hydro.state import GHOSTS
from emulant.hydro.table import pressure_and_speed

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
def _edge(fields, slopes, order, half, i, j):
    return combined(1.0, _cell(fields, order, i, j), half, _cell(slopes, order, i, j))


@kernel
def _limit(fields, along_x, along_y):
    """Write the limited differences of neighbours."""
    components, size, _ = fields.shape
    for k in range(components):
        for i in range(1, size - 1):
            for j in range(1, size - 1):
                q = fields[k, i, j]
                west, east, south, north = (
                    fields[k, i - 1, j],
                    fields[k, i + 1, j],
                    fields[k, i, j - 1],
                    fields[k, i, j + 1],
                )
                along_x[k, i, j] = minmod(q - west, (east - west) / 2, east - q)
                along_y[k, i, j] = minmod(q - south, (north - south) / 2, north - q)


@kernel
def _move(flux, order, weight, rate, i, j, k, m):
    """Take a flux from cell (i, j) and give it to cell (k, m)."""
    for component in range(len(order)):
        rate[order[component], i, j] -= weight * flux[component]
        rate[order[component], k, m] += weight * flux[component]


@kernel
def _add_fluxes(fields, along_x, along_y, rate, table, floor, weight, orders):
    """Add what flows through faces to the rates of change."""
    size, x, y = fields.shape[1], orders[0], orders[1]
    for i in range(1, size - GHOSTS):
        for j in range(GHOSTS, size - GHOSTS):
            # Between two cells of vacuum nothing flows.
            if fields[0, i, j] > floor or fields[0, i + 1, j] > floor:
                left, right = _edge(fields, along_x, x, 0.5, i, j), _edge(fields, along_x, x, -0.5, i + 1, j)
                _move(face_flux(left, right, table), x, weight, rate, i, j, i + 1, j)
            if fields[0, j, i] > floor or fields[0, j, i + 1] > floor:
                left, right = _edge(fields, along_y, y, 0.5, j, i), _edge(fields, along_y, y, -0.5, j, i + 1)
                _move(face_flux(left, right, table), y, weight, rate, j, i, j, i + 1)


@kernel
def _add_sources(fields, before, oldest, along_x, along_y, rate, matter, order, tau, step, spacing):
    """Add sources to the rates of change; `before` and `oldest` are (u_x, u_y) of the two times before."""
    size = fields.shape[1]
    for i in range(GHOSTS, size - GHOSTS):
        for j in range(GHOSTS, size - GHOSTS):
            gradients = (
                (3 * fields[1, i, j] - 4 * before[0, i, j] + oldest[0, i, j]) / (2 * step),
                (3 * fields[2, i, j] - 4 * before[1, i, j] + oldest[1, i, j]) / (2 * step),
                along_x[1, i, j] / spacing,
                along_x[2, i, j] / spacing,
                along_y[1, i, j] / spacing,
                along_y[2, i, j] / spacing,
            )
            values = _cell(fields, order, i, j)
            source = sources(values, gradients, matter.table, matter.viscosity, tau, matter.coupling)
            rate[0, i, j] += source[0]
            for k in range(1, len(source)):
                rate[k + 2, i, j] += source[k]


@kernel
def _update(start, guess, rate, out, matter, order, tau, before, after):
    """Write values at `after` from conserved quantities at `before` plus their change `rate`; count capped cells."""
    size, hot, above = start.shape[1], 0, 0
    for i in range(GHOSTS, size - GHOSTS):
        for j in range(GHOSTS, size - GHOSTS):
            cell = _cell(start, order, i, j)
            density = densities(cell, pressure_and_speed(matter.table, cell[0])[0])
            conserved = combined(before / after, density, tau / after, _cell(rate, order, i, j))
            values = recovered(conserved, _cell(guess, order, i, j), matter.table, matter.limits)
            values, excess = capped(values, matter.table, matter.limits.shear)
            for k in range(len(order)):
                out[k, i, j] = values[k]
            hot += values[0] > matter.hot
            above += excess and values[0] > matter.hot
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
def _add_rates(fields, before, oldest, rate, scratch, matter, orders, tau, step, spacing):
    """Add the rates of change of all conserved quantities."""
    along_x, along_y = scratch[0], scratch[1]
    _limit(fields, along_x, along_y)
    _add_fluxes(fields, along_x, along_y, rate, matter.table, matter.limits.floor, tau / spacing, orders)
    _add_sources(fields, before, oldest, along_x, along_y, rate, matter, orders[0], tau, step, spacing)


@kernel
def heun_step(fields, history, middle, scratch, matter, orders, tau, step, spacing):
    """Move one event on; returns the fraction of hot cells whose shear was scaled down.

    Arguments:
        fields: (3 or 6, n + 4, n + 4), updated.
        history: (u_x, u_y) of the two times before, (2, 2, n + 4, n + 4), updated.
        middle: the fields after an Euler step, of the shape of `fields`.
        scratch: (3, *fields.shape).
        matter: equation of state, transport and limits.
        orders: components of a cell in the order of each direction.
        tau: proper time, fm.
        step: in proper time, fm.
        spacing: of the grid, fm.
    """
    rate, before, oldest = scratch[2], history[0], history[1]
    rate[:] = 0
    _add_rates(fields, before, oldest, rate, scratch, matter, orders, tau, step, spacing)
    # Newton's method begins from the flow that goes on as it did.
    middle[0] = fields[0]
    middle[1:3] = 2 * fields[1:3] - before
    _update(fields, middle, rate, middle, matter, orders[0], step, tau, tau + step)
    _fill_ghosts(middle)
    now = fields[1:3].copy()
    _add_rates(middle, now, before, rate, scratch, matter, orders, tau + step, step, spacing)
    # The sum of both rates over half a step is their mean over a step.
    above = _update(fields, middle, rate, fields, matter, orders[0], step / 2, tau, tau + step)
    _fill_ghosts(fields)
    history[1] = before
    history[0] = now
    return above
