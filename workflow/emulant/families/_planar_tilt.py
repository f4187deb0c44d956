"""What an energy in the plane lacks of its samples' moments: an even polynomial, with which exp(-E) has all of them.

A regression of the score leaves slow errors of E, whose slopes are small and whose exponentials are not. Of all densities
with the moments of the samples exp(-E - c f) is the nearest to exp(-E) (`transport.tilt`).
"""

import torch
from torch import Tensor

from emulant.transport.tilt import centring_tilt

__all__ = ["even_monomials", "tilt_of"]

DEGREE = 8
"""Of the highest moments, those of the cumulants that are judged."""


def even_monomials(v: Tensor) -> Tensor:
    """x^a y^b with a + b = 2, 4, ... DEGREE of points (n, 2), (n, 24) float64."""
    x, y = v.double().unbind(1)
    return torch.stack([x ** (d - b) * y**b for d in range(2, DEGREE + 1, 2) for b in range(d + 1)], dim=1)


def tilt_of(functions: Tensor, energy: Tensor, density: Tensor) -> Tensor:
    """Coefficients c with <f> of exp(-E - c f) equal to those of a density.

    Arguments:
        functions: f at equal cells of the plane that hold all of both laws, (n, k).
        energy: E there, (n,) float64.
        density: of the samples there, (n,) float64.
    """
    share = density / density.sum()
    centred = functions - share @ functions
    scale = torch.linalg.inv(torch.linalg.cholesky((centred * share[:, None]).T @ centred)).T
    return -scale @ centring_tilt(centred @ scale, -energy)
