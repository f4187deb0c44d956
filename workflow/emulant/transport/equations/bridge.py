r"""Residuals of a Schroedinger bridge, dx = eps grad(eta) dt + sqrt(eps) dW with grad(psi) its current velocity.

.. math:: \partial_t S = \Delta\psi - \nabla S\cdot\nabla\psi, \qquad
    \partial_t v + (v\cdot\nabla) v = -\tfrac{\epsilon^2}{2} \nabla\frac{\Delta\sqrt\rho}{\sqrt\rho}, \qquad
    \partial_t\eta + \tfrac{\epsilon}{2} (\Delta\eta + |\nabla\eta|^2) = 0

with v = grad psi = eps grad(eta) - (eps/2) s. The first is the continuity equation of v: see `continuity` for S and for s.
"""

from torch import Tensor

from emulant.transport.equations.jets import ScalarJet, VectorJet, dot

__all__ = ["drift_residual", "momentum_residual", "potential_residual"]


def momentum_residual(epsilon: float, velocity: VectorJet, score: VectorJet) -> Tensor:
    """Left minus right side of the equation of motion, whose force is the quantum potential's, the shape of the fields.

    The Laplacian of the root of the density over that root is div s / 2 + |s|^2 / 4.
    """
    pressure = 0.5 * (score.divergence_gradient + score.pulled(score.value))
    return velocity.slope + velocity.pushed(velocity.value) + 0.5 * epsilon**2 * pressure


def potential_residual(epsilon: float, potential: ScalarJet) -> Tensor:
    """Left minus right side of the backward equation of eta, (N,)."""
    spread = potential.laplacian + dot(potential.gradient, potential.gradient)
    return potential.slope + 0.5 * epsilon * spread


def drift_residual(epsilon: float, potential: ScalarJet, velocity: VectorJet, score: VectorJet) -> Tensor:
    """Difference between eps grad(eta) and v + (eps/2) s, the shape of the fields."""
    return epsilon * potential.gradient - velocity.value - 0.5 * epsilon * score.value
