"""What an energy in the plane lacks of its samples' moments: an even polynomial, with which exp(-E) has all of them.

A regression of the score leaves slow errors of E, whose slopes are small and whose exponentials are not. Of all densities
with the moments of the samples exp(-E - c f) is the nearest to exp(-E) (E. T. Jaynes, Phys. Rev. 106 (1957) 620); its c
is the minimum of the convex ln sum exp(-E - c f) + c <f>.
"""

import torch
from torch import Tensor

__all__ = ["even_monomials", "tilt_of"]

DEGREE = 8
"""Of the highest moments, those of the cumulants that are judged."""
ROUNDS, HALVINGS = 60, 30
"""Limits that no fit reached; Newton's method converges in some six rounds."""
PRECISION = 1e-9
"""Largest difference of orthonormal moments at which a fit ends, far below any statistical error."""


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
    functions = centred @ scale
    c = energy.new_zeros(functions.shape[1])
    for _ in range(ROUNDS):
        weight = torch.softmax(-energy - functions @ c, 0)
        excess = weight @ functions
        if float(excess.abs().max()) < PRECISION:
            break
        spread = (functions * weight[:, None]).T @ functions - torch.outer(excess, excess)
        c = _lower(functions, energy, c, torch.linalg.solve(spread, excess))
    return scale @ c


def _lower(functions: Tensor, energy: Tensor, c: Tensor, step: Tensor) -> Tensor:
    """Take a step, halved until ln sum exp(-E - c f) falls."""
    value = torch.logsumexp(-energy - functions @ c, 0)
    for _ in range(HALVINGS):
        if torch.logsumexp(-energy - functions @ (c + step), 0) < value:
            return c + step
        step = step / 2
    return c
