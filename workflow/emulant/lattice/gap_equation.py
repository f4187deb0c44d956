r"""The Gaussian field that lies nearest to the action (K), by the gap equation.

.. math:: S_0 = \sum_x \Big[-2\kappa \sum_\mu \phi_x \phi_{x+\mu} + m_0 \phi_x^2\Big], \qquad
    m_0 = 1 - 2\lambda + 6\lambda \langle\phi^2\rangle_0, \qquad \langle\phi^2\rangle_0 = V^{-1} \sum_p 1/A(p)

with A(p) = 2 m_0 - 4 kappa sum_mu cos p_mu: the mean of phi^4 in the quadratic part (Hartree). Among all Gaussians of this
form it makes the free energy <S>_0 - entropy the smallest.

Below the transition the nearest Gaussian has a mean, +v or -v, where

.. math:: m_0 = 1 - 2\lambda + 6\lambda (v^2 + s), \qquad 1 - 2\lambda + 2\lambda (v^2 + 3 s) = 2 d \kappa, \qquad
    s = V^{-1} \sum_p 1/A(p)

so that A(0) = 8 lambda v^2. Its free energy may be below the other's in the symmetric phase too: the Hartree approximation
has a jump where the theory has none.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from emulant.errors import InputError
from emulant.lattice.free import free_power, stiffness

__all__ = ["BrokenGap", "broken_gap", "gap_mass", "gaussian_inverse_power"]

SMALLEST = 1e-12
"""Distance of the bracket from the mass at which the softest mode loses its stiffness."""


def gaussian_inverse_power(kappa: float, coupling: float, shape: tuple[int, ...]) -> np.ndarray:
    """Compute A(p) of the nearest Gaussian on the full momentum lattice, shape `shape`; <|phi_p|^2> = V / A(p)."""
    return _inverse_power(gap_mass(kappa, coupling, shape), kappa, shape)


def gap_mass(kappa: float, coupling: float, shape: tuple[int, ...]) -> float:
    """Solve the gap equation for m_0.

    Raises:
        ValueError: without interaction, where the action is not bounded from below.
    """
    softest = 1 - stiffness(kappa, shape) / 2
    if coupling == 0:
        if softest >= 1:
            raise ValueError(f"a free field of kappa = {kappa} is not bounded from below")
        return 1.0

    def gap(mass: float) -> float:
        return 1 - 2 * coupling + 6 * coupling * float((1 / _inverse_power(mass, kappa, shape)).mean()) - mass

    # Beyond this mass <phi^2> is below 1/2 and the left side below 1 + coupling.
    return float(brentq(gap, softest + SMALLEST, softest + 2 + coupling, xtol=1e-14))


class BrokenGap(NamedTuple):
    """The nearest Gaussian that has a mean.

    Attributes:
        mean: v.
        inverse_power: A(p) of the field about it, the shape of the lattice.
    """

    mean: float
    inverse_power: np.ndarray


def broken_gap(kappa: float, coupling: float, shape: tuple[int, ...]) -> BrokenGap:
    """Solve the gap equation with a mean v > 0; of two solutions the one with the larger v, a minimum.

    Raises:
        InputError: where there is none, in the symmetric phase.
    """
    classical = 2 * len(shape) * kappa - 1 + 2 * coupling
    if coupling <= 0 or classical <= 0:
        raise _one_phase(kappa)

    def excess(mass: float) -> float:
        fluctuation = (3 * classical + 1 - 2 * coupling - mass) / (12 * coupling)
        return float((1 / _inverse_power(mass, kappa, shape)).mean()) - fluctuation

    softest = 1 - stiffness(kappa, shape) / 2
    # At the upper end nothing fluctuates, and the excess is positive.
    low, high = softest + SMALLEST, 3 * classical + 1 - 2 * coupling
    lowest = minimize_scalar(excess, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    if lowest.fun >= 0:
        raise _one_phase(kappa)
    mass = float(brentq(excess, lowest.x, high, xtol=1e-14))
    return BrokenGap(np.sqrt((mass - softest) / (4 * coupling)), _inverse_power(mass, kappa, shape))


def _one_phase(kappa: float) -> InputError:
    return InputError("system", "kappa", "a gap equation with two phases", f"{kappa}, where there is one")


def _inverse_power(mass: float, kappa: float, shape: tuple[int, ...]) -> np.ndarray:
    """A(p) at mass m_0."""
    return 1 / free_power(kappa, shape) + 2 * (mass - 1)
