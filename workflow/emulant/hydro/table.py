"""An equation of state as columns over e^(1/4), and its linear interpolation in loops over cells and on tensors."""

import math
from typing import Any, NamedTuple

from numba.extending import overload, register_jitable

__all__ = ["Table", "pressure_and_speed", "temperature"]


class Table(NamedTuple):
    """Columns at e^(1/4) = 0, step, 2 step, ...; a fourth root needs no logarithm and resolves small energies.

    Attributes:
        pressure: P / e, (rows,).
        temperature: T / e^(1/4), (rows,) in GeV / (GeV / fm^3)^(1/4).
        speed: c_s^2 = dP / de, (rows,).
        step: in (GeV / fm^3)^(1/4).
    """

    pressure: Any
    temperature: Any
    speed: Any
    step: float


def _between(table, energy):
    """Return row below, weight of the row above, and e^(1/4); energies beyond the table continue its last rows."""
    fourth = energy.sqrt().sqrt()
    position = fourth / table.step
    row = position.nan_to_num(0).long().clamp(0, len(table.speed) - 2)
    return row, position - row, fourth


@register_jitable
def _column(column, row, weight):
    return column[row] + weight * (column[row + 1] - column[row])


@register_jitable
def pressure_and_speed(table, energy):
    """Return P in GeV / fm^3 and c_s^2 at energy densities in GeV / fm^3."""
    row, weight, _ = _between(table, energy)
    return energy * _column(table.pressure, row, weight), _column(table.speed, row, weight)


@register_jitable
def temperature(table, energy):
    """Return T in GeV at energy densities in GeV / fm^3."""
    row, weight, fourth = _between(table, energy)
    return fourth * _column(table.temperature, row, weight)


@overload(_between)
def _scalar_between(table, energy):
    def between(table, energy):
        fourth = math.sqrt(math.sqrt(energy))
        position = fourth / table.step
        row = max(0, min(int(position), table.speed.size - 2))
        return row, position - row, fourth

    return between
