"""Conserved densities and fluxes of a fluid, and the numerical flux of Kurganov and Tadmor through the face of two cells.

Densities and fluxes are T^{tau mu}, T^{a mu} and u^tau pi^{ij}, u^a pi^{ij}, all without the factor tau that each conserved
quantity has. Values of a cell are (e, u_a, u_b) of an ideal fluid, and of a viscous one also (pi^aa, pi^ab, pi^bb), where a
is the direction of the flux and b the other one. A. Kurganov, E. Tadmor, J. Comput. Phys. 160 (2000) 241; for relativistic
fluids B. Schenke, S. Jeon, C. Gale, Phys. Rev. C 82 (2010) 014903.
"""

from numba.extending import overload, register_jitable

from emulant.hydro.arithmetic import at_least, at_most, combined, largest, root
from emulant.hydro.table import pressure_and_speed
from emulant.hydro.tensors import completed, lorentz

__all__ = ["SHEAR_SPEED", "densities", "face_flux"]

SHEAR_SPEED = 4 / 15
"""What shear adds to the squared speed of signals, (4 / 3) eta / (tau_pi (e + P)) with tau_pi = 5 eta / (e + P)."""
FASTEST = 0.95
"""Cap of the squared speed of signals in the bound of the numerical flux."""


@register_jitable
def signal_speed(t, a, square):
    """Compute the largest speed along a of signals of squared speed `square` in the rest frame of the fluid."""
    moving = t * t - 1
    spread = (t * t - a * a - (moving - a * a) * square) * square
    return (abs(t * a) * (1 - square) + root(at_least(spread, 0.0))) / (t * t - moving * square)


@register_jitable
def _ideal_densities(values, pressure):
    e, a, b = values[0], values[1], values[2]
    t = lorentz(a, b)
    momentum = (e + pressure) * t
    return momentum * t - pressure, momentum * a, momentum * b


@register_jitable
def _viscous_densities(values, pressure):
    e, a, b, aa, ab, bb = values
    t = lorentz(a, b)
    tt, ta, tb, _ = completed(t, a, b, aa, ab, bb)
    momentum = (e + pressure) * t
    return momentum * t - pressure + tt, momentum * a + ta, momentum * b + tb, t * aa, t * ab, t * bb


def densities(values, pressure):
    """Compute the conserved densities of a cell, as many as it has values."""
    return (_ideal_densities if len(values) == 3 else _viscous_densities)(values, pressure)


@overload(densities)
def _densities(values, pressure):
    function = _ideal_densities if values.count == 3 else _viscous_densities
    return lambda values, pressure: function(values, pressure)


@register_jitable
def _ideal_fluxes(values, pressure):
    e, a, b = values[0], values[1], values[2]
    momentum = (e + pressure) * a
    return momentum * lorentz(a, b), momentum * a + pressure, momentum * b


@register_jitable
def _viscous_fluxes(values, pressure):
    e, a, b, aa, ab, bb = values
    t = lorentz(a, b)
    _, ta, _, _ = completed(t, a, b, aa, ab, bb)
    momentum = (e + pressure) * a
    return momentum * t + ta, momentum * a + pressure + aa, momentum * b + ab, a * aa, a * ab, a * bb


def fluxes(values, pressure):
    """Compute the fluxes of a cell along a."""
    return (_ideal_fluxes if len(values) == 3 else _viscous_fluxes)(values, pressure)


@overload(fluxes)
def _fluxes(values, pressure):
    function = _ideal_fluxes if values.count == 3 else _viscous_fluxes
    return lambda values, pressure: function(values, pressure)


def shear_speed(values):
    """Return what shear adds to the squared speed of signals."""
    return 0.0 if len(values) == 3 else SHEAR_SPEED


@overload(shear_speed)
def _shear_speed(values):
    added = 0.0 if values.count == 3 else SHEAR_SPEED
    return lambda values: added


@register_jitable
def _side(values, table):
    """Return densities, fluxes and the speed of signals on one side of a face."""
    pressure, square = pressure_and_speed(table, values[0])
    square = at_most(square + shear_speed(values), FASTEST)
    speed = signal_speed(lorentz(values[1], values[2]), values[1], square)
    return densities(values, pressure), fluxes(values, pressure), speed


@register_jitable
def face_flux(left, right, table):
    """Compute the flux through a face from values on its two sides: the mean, less the dissipation of the jump."""
    u, f, slow = _side(left, table)
    v, g, fast = _side(right, table)
    dissipation = largest(slow, fast) / 2
    return combined(1.0, combined(0.5, f, 0.5, g), dissipation, combined(1.0, u, -1.0, v))
