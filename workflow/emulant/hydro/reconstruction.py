"""Values at the faces of cells from those of five cells in a row, and slopes at their centres.

The polynomial through five cells, of fifth order, stays as it is where the second differences of three cells agree, so at a
smooth extremum too (after P. Colella, M. D. Sekora, J. Comput. Phys. 227 (2008) 7069). Else it is limited by the differences
to both neighbours, and at an extremum flattened as far as second differences disagree.
"""

from numba.extending import register_jitable

from emulant.hydro.arithmetic import at_least, minmod, where

__all__ = ["rise", "slope"]

STEEPNESS = 1.3
"""Times the half difference to a neighbour, a limited face may differ from its cell. With 2, the bound of stability for one
equation, viscous events of lumps on 0.5 fm run away where matter ends."""
CURVATURE = 2.0
"""Times the neighbours' second differences, that of a smooth function may be at most. With 1.25, that of the paper, the
crest of Gubser's flow is no smooth function on 0.1 fm: there shear is twice as wrong."""
TINY = 1e-30


@register_jitable
def rise(far, near, here, next_one, last):
    """Compute the difference between the value at the face towards `next_one` and that of the cell `here`."""
    before, after = here - near, next_one - here
    bend = after - before
    smooth = (2 * far - 13 * near - 13 * here + 27 * next_one - 3 * last) / 60
    agreed = abs(minmod(bend, CURVATURE * (far - near + before), CURVATURE * (last - next_one - after)))
    limited = minmod(STEEPNESS * before / 2, STEEPNESS * after / 2, smooth)
    flattened = agreed / at_least(abs(bend), TINY) * smooth
    return where(agreed >= abs(bend), smooth, where(before * after > 0, limited, flattened))


@register_jitable
def slope(far, near, next_one, last):
    """Compute the difference of a cell to the next one of a smooth function, to fourth order."""
    return (8 * (next_one - near) + far - last) / 12
