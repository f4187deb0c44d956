"""Energy density, flow and shear of a cell from its conserved densities, and the cap on shear.

With M^0 = T^{tau tau} - pi^{tau tau} and M = |T^{tau i} - pi^{tau i}|, the speed solves v (M^0 + P(M^0 - M v)) = M. Newton
steps of it and the shear tensor at the latest flow are iterated together.
"""

from typing import NamedTuple

from numba.extending import overload, register_jitable

from emulant.hydro.arithmetic import at_least, at_most, root, worst
from emulant.hydro.table import pressure_and_speed
from emulant.hydro.tensors import completed, lorentz, product

__all__ = ["FASTEST", "Limits", "capped", "recovered"]

FASTEST = 0.99999
"""Cap of the speed of a cell."""
SPACELIKE = 0.9999
"""Momentum over energy of a cell that has no rest frame is brought down to this."""
ITERATIONS = 30
"""Newton steps at most; four are usual."""
TINY = 1e-30
"""Momentum density below which a cell is at rest."""


class Limits(NamedTuple):
    """Bounds of what a cell may hold.

    Attributes:
        floor: energy density of vacuum, GeV / fm^3.
        tolerance: of the speed.
        shear: cap of sqrt(pi:pi / (e^2 + 3 P^2)), the inverse Reynolds number; above it pi is scaled down.
    """

    floor: float
    tolerance: float
    shear: float


@register_jitable
def _newton_step(m0, mx, my, v, table, floor):
    """Return energy density, velocity and speed after a Newton step from the speed v."""
    m0 = at_least(m0, floor)
    size = at_least(root(mx * mx + my * my), TINY)
    m = at_most(size, SPACELIKE * m0)
    p, c = pressure_and_speed(table, at_least(m0 - m * v, floor))
    step = (v * (m0 + p) - m) / (m0 + p - v * c * m)
    v = at_most(at_least(v - step, 0.0), FASTEST)
    scale = v / root(1 - v * v) / size
    return at_least(m0 - m * v, floor), mx * scale, my * scale, v


@register_jitable
def _speed(x, y):
    return root(1 - 1 / (1 + x * x + y * y))


@register_jitable
def _ideal_recovered(conserved, guess, table, limits):
    m0, mx, my = conserved
    v = _speed(guess[1], guess[2])
    for _ in range(ITERATIONS):
        before = v
        e, x, y, v = _newton_step(m0, mx, my, v, table, limits.floor)
        if worst(v - before) < limits.tolerance:
            break
    matter = e > limits.floor
    return e, x * matter, y * matter


@register_jitable
def _viscous_recovered(conserved, guess, table, limits):
    m0, mx, my, qxx, qxy, qyy = conserved
    x, y, v = guess[1], guess[2], _speed(guess[1], guess[2])
    for _ in range(ITERATIONS):
        before, t = v, lorentz(x, y)
        tt, tx, ty, _ = completed(t, x, y, qxx / t, qxy / t, qyy / t)
        e, x, y, v = _newton_step(m0 - tt, mx - tx, my - ty, v, table, limits.floor)
        if worst(v - before) < limits.tolerance:
            break
    matter = e > limits.floor
    dense = matter / lorentz(x, y)
    return e, x * matter, y * matter, qxx * dense, qxy * dense, qyy * dense


def recovered(conserved, guess, table, limits):
    """Find the values of a cell from its conserved densities; vacuum is at rest and without shear.

    Arguments:
        conserved: T^{tau tau}, T^{tau x}, T^{tau y}, and of a viscous fluid u^tau pi^{ij}.
        guess: values of the cell a step before.
        table: equation of state.
        limits: floor and tolerance.
    """
    return (_ideal_recovered if len(conserved) == 3 else _viscous_recovered)(conserved, guess, table, limits)


@overload(recovered)
def _recovered(conserved, guess, table, limits):
    function = _ideal_recovered if conserved.count == 3 else _viscous_recovered
    return lambda conserved, guess, table, limits: function(conserved, guess, table, limits)


@register_jitable
def _uncapped(values, table, cap):
    return values, values[0] < 0


@register_jitable
def _viscous_capped(values, table, cap):
    e, x, y, xx, xy, yy = values
    pressure, _ = pressure_and_speed(table, e)
    tt, tx, ty, nn = completed(lorentz(x, y), x, y, xx, xy, yy)
    shear = (tt, tx, ty, nn, xx, xy, yy)
    excess = product(shear, shear) / (e * e + 3 * pressure * pressure) / (cap * cap)
    factor = 1 / root(at_least(excess, 1.0))
    return (e, x, y, xx * factor, xy * factor, yy * factor), excess > 1


def capped(values, table, cap):
    """Scale shear down to the cap; returns the values of a cell and whether its shear was above it."""
    return (_uncapped if len(values) == 3 else _viscous_capped)(values, table, cap)


@overload(capped)
def _capped(values, table, cap):
    function = _uncapped if values.count == 3 else _viscous_capped
    return lambda values, table, cap: function(values, table, cap)
