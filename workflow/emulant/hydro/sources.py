"""Sources of the conserved quantities: work of the longitudinal expansion, and relaxation and couplings of shear.

Israel-Stewart theory with the terms of Denicol, Niemi, Molnar and Rischke, Phys. Rev. D 85 (2012) 114047, of a 14-moment
gas: tau_pi = 5 eta / (e + P), delta_pipi = (4/3) tau_pi, and tau_pipi, (10/7) tau_pi or 0. With D = u.d, theta = d.u,

    d_tau(tau u^tau pi^ij) + d_k(tau u^k pi^ij) = tau [pi^ij theta - (pi^ij - 2 eta sigma^ij) / tau_pi
        - (delta_pipi / tau_pi) pi^ij theta - (tau_pipi / tau_pi) <pi sigma>^ij - u^i a^j - u^j a^i],

where the last terms, a^i = pi^{i mu} D u_mu, keep pi orthogonal to u.
"""

from typing import NamedTuple

from numba.extending import overload, register_jitable

from emulant.hydro.table import pressure_and_speed, temperature
from emulant.hydro.tensors import completed, lorentz, product
from emulant.hydro.units import HBARC

__all__ = ["DNMR", "ISRAEL_STEWART", "RELAXATION", "Coupling", "relaxation_time", "shear_sources", "sources"]

RELAXATION = 5.0
"""tau_pi (e + P) / eta of a gas in the 14-moment approximation."""


class Coupling(NamedTuple):
    """Terms of second order over the relaxation time.

    Attributes:
        expansion: delta_pipi / tau_pi.
        shear: tau_pipi / tau_pi.
    """

    expansion: float
    shear: float


DNMR = Coupling(4 / 3, 10 / 7)
ISRAEL_STEWART = Coupling(4 / 3, 0.0)
"""The least set that is consistent with conformal symmetry."""


@register_jitable
def relaxation_time(viscosity, temperature):
    """Compute tau_pi in fm at eta / s = `viscosity` > 0 and T in GeV."""
    return RELAXATION * viscosity * HBARC / temperature


@register_jitable
def shear_sources(values, gradients, enthalpy, relaxation, tau, coupling):
    """Compute the sources of tau u^tau pi^{ij}.

    Arguments:
        values: (e, u_x, u_y, pi^xx, pi^xy, pi^yy).
        gradients: (d_tau u_x, d_tau u_y, d_x u_x, d_x u_y, d_y u_x, d_y u_y) in 1/fm.
        enthalpy: e + P.
        relaxation: tau_pi in fm.
        tau: proper time in fm.
        coupling: terms of second order.
    """
    _, x, y, xx, xy, yy = values
    x_t, y_t, x_x, y_x, x_y, y_y = gradients
    t = lorentz(x, y)
    expansion = (x * x_t + y * y_t) / t + x_x + y_y + t / tau
    dx, dy = t * x_t + x * x_x + y * x_y, t * y_t + x * y_x + y * y_y
    dt = (x * dx + y * dy) / t
    sxx = -x_x - x * dx + (1 + x * x) * expansion / 3
    sxy = -(y_x + x_y + x * dy + y * dx) / 2 + x * y * expansion / 3
    syy = -y_y - y * dy + (1 + y * y) * expansion / 3
    tt, tx, ty, nn = completed(t, x, y, xx, xy, yy)
    stt, stx, sty, snn = completed(t, x, y, sxx, sxy, syy)
    trace = product((tt, tx, ty, nn, xx, xy, yy), (stt, stx, sty, snn, sxx, sxy, syy)) / 3
    # Pi with sigma, symmetric and traceless.
    axx = tx * stx - xx * sxx - xy * sxy + (1 + x * x) * trace
    ayy = ty * sty - xy * sxy - yy * syy + (1 + y * y) * trace
    axy = (tx * sty + ty * stx - xx * sxy - xy * syy - xy * sxx - yy * sxy) / 2 + x * y * trace
    bx, by = tx * dt - xx * dx - xy * dy, ty * dt - xy * dx - yy * dy
    # 2 eta / tau_pi and what multiplies pi.
    gain, loss = 2 * enthalpy / RELAXATION, 1 / relaxation + (coupling.expansion - 1) * expansion
    return (
        tau * (gain * sxx - loss * xx - coupling.shear * axx - 2 * x * bx),
        tau * (gain * sxy - loss * xy - coupling.shear * axy - x * by - y * bx),
        tau * (gain * syy - loss * yy - coupling.shear * ayy - 2 * y * by),
    )


@register_jitable
def _ideal_sources(values, gradients, table, viscosity, tau, coupling):
    return (-pressure_and_speed(table, values[0])[0],)


@register_jitable
def _viscous_sources(values, gradients, table, viscosity, tau, coupling):
    e, x, y, xx, xy, yy = values
    pressure, _ = pressure_and_speed(table, e)
    relaxation = relaxation_time(viscosity, temperature(table, e))
    shear = shear_sources(values, gradients, e + pressure, relaxation, tau, coupling)
    work = pressure + completed(lorentz(x, y), x, y, xx, xy, yy)[3]
    return -work, shear[0], shear[1], shear[2]


def sources(values, gradients, table, viscosity, tau, coupling):
    """Compute the sources of tau T^{tau tau}, -(P + tau^2 pi^{eta eta}), and of a viscous fluid of tau u^tau pi^{ij}."""
    function = _ideal_sources if len(values) == 3 else _viscous_sources
    return function(values, gradients, table, viscosity, tau, coupling)


@overload(sources)
def _sources(values, gradients, table, viscosity, tau, coupling):
    function = _ideal_sources if values.count == 3 else _viscous_sources

    def chosen(values, gradients, table, viscosity, tau, coupling):
        return function(values, gradients, table, viscosity, tau, coupling)

    return chosen
