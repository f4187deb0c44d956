r"""The Gaussian field that lies nearest to the action (K), by the gap equation.

.. math:: S_0 = \sum_x \Big[-2\kappa \sum_\mu \phi_x \phi_{x+\mu} + m_0 \phi_x^2\Big], \qquad
    m_0 = 1 - 2\lambda + 6\lambda \langle\phi^2\rangle_0, \qquad \langle\phi^2\rangle_0 = V^{-1} \sum_p 1/A(p)

with A(p) = 2 m_0 - 4 kappa sum_mu cos p_mu: the mean of phi^4 in the quadratic part (Hartree). Among all Gaussians of this
form it makes the free energy <S>_0 - entropy the smallest.
"""

import numpy as np
from scipy.optimize import brentq

from emulant.lattice.free import free_power, stiffness

__all__ = ["gap_mass", "gaussian_inverse_power"]

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


def _inverse_power(mass: float, kappa: float, shape: tuple[int, ...]) -> np.ndarray:
    """A(p) at mass m_0."""
    return 1 / free_power(kappa, shape) + 2 * (mass - 1)
