"""Values at the faces of cells from those of five cells in a row, and slopes at their centres.

The parabola through three cells, of third order, is limited to neighbours (B. Koren's limiter); at an extremum it stays
where the second differences of the neighbours say that the extremum is smooth (P. Colella, M. D. Sekora, J. Comput. Phys.
227 (2008) 7069), and else the cell is flat.
"""

from numba.extending import register_jitable

from emulant.hydro.arithmetic import at_least, minmod, where

__all__ = ["rise", "slope"]

CURVATURE = 1.25
"""Times the neighbours' second differences, that of a smooth extremum may be at most; as in the paper."""
TINY = 1e-30


@register_jitable
def rise(far, near, here, next_one, last):
    """Compute the difference between the value at the face towards `next_one` and that of the cell `here`."""
    before, after = here - near, next_one - here
    monotone = minmod(before, after, (before + 2 * after) / 6)
    bend = after - before
    smooth = minmod(bend, CURVATURE * (far - near + before), CURVATURE * (last - next_one - after))
    ratio = abs(smooth) / at_least(abs(bend), TINY)
    return where(before * after > 0, monotone, ratio * (before + 2 * after) / 6)


@register_jitable
def slope(far, near, next_one, last):
    """Compute the difference of a cell to the next one of a smooth function, to fourth order."""
    return (8 * (next_one - near) + far - last) / 12
