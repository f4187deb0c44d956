"""The shear tensor in the transverse plane: what its three independent components and the flow fix of the others.

Milne coordinates (tau, x, y, eta), metric diag(1, -1, -1, -tau^2). Boost invariance makes u^eta and pi^{tau eta} zero;
u_m pi^{mn} = 0 and the vanishing trace give the rest. `nn` is tau^2 pi^{eta eta}.
"""

from numba.extending import register_jitable

from emulant.hydro.arithmetic import root

__all__ = ["completed", "lorentz", "product"]


@register_jitable
def lorentz(x, y):
    """Compute u^tau = sqrt(1 + u_x^2 + u_y^2)."""
    return root(1 + x * x + y * y)


@register_jitable
def completed(t, x, y, xx, xy, yy):
    """Compute (tt, tx, ty, nn) of a traceless tensor orthogonal to u = (t, x, y) from its components in the plane."""
    tx, ty = (x * xx + y * xy) / t, (x * xy + y * yy) / t
    tt = (x * tx + y * ty) / t
    return tt, tx, ty, tt - xx - yy


@register_jitable
def product(one, two):
    """Contract two such tensors, each as (tt, tx, ty, nn, xx, xy, yy)."""
    mixed = one[1] * two[1] + one[2] * two[2] - one[5] * two[5]
    return one[0] * two[0] + one[4] * two[4] + one[6] * two[6] + one[3] * two[3] - 2 * mixed
