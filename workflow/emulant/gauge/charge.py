"""The topological charge, the sum of wrapped plaquettes over 2 pi."""

import math

import numpy as np

from emulant.errors import InputError

__all__ = ["TOLERANCE", "topological_charge"]

TOLERANCE = 1e-6
"""Distance from an integer that rounding may leave: of double precision some 1e-13, of single precision 1e-4 and more."""


def topological_charge(plaquettes: np.ndarray) -> np.ndarray:
    """Compute Q of each configuration, (N,) whole numbers in float64.

    Arguments:
        plaquettes: in [-pi, pi), (N, L_t, L_s) float64.

    Raises:
        InputError: where Q is not a whole number to TOLERANCE: the plaquettes are not those of links on a torus, or were
            computed in single precision.
    """
    charge = plaquettes.sum((-2, -1)) / (2 * math.pi)
    whole = np.rint(charge) + 0.0
    distance = np.abs(charge - whole)
    if not (distance < TOLERANCE).all():
        row = int(np.argmax(~(distance < TOLERANCE)))
        expected = f"whole numbers to {TOLERANCE:g}, of plaquettes in double precision"
        raise InputError("configurations", "topological charge", expected, f"{charge[row]:.9g} in row {row}")
    return whole
