r"""Residuals of the continuity equation: what a velocity and the law that it carries owe each other.

.. math:: \partial_t S = \nabla\cdot v - v\cdot\nabla S, \qquad \partial_t s = -\nabla(\nabla\cdot v + v\cdot s)

The straight line x_t = (1 - t) x_0 + t z adds an equation of motion, as no particle is accelerated,

.. math:: \partial_t v + (v\cdot\nabla) v = -\rho^{-1} \nabla\cdot(\rho \Sigma), \qquad
    \Sigma = \mathrm{Cov}[\dot x_t | x_t] = \frac{1 - t\,\partial v}{1 - t}

where the stress is closed by Tweedie's formula for the Gaussian end. On a known path of actions S_t, whose normaliser is not
known, the first equation decides v up to what carries nothing, with d ln Z/dt = -<dS_t/dt> (arXiv:2510.26678).
"""

from torch import Tensor

from emulant.transport.equations.jets import ScalarJet, VectorJet, dot

__all__ = ["action_residual", "known_path_residual", "momentum_residual", "score_residual"]


def action_residual(action: ScalarJet, velocity: VectorJet) -> Tensor:
    """Left minus right side of the equation of S = -log p_t, (N,)."""
    return action.slope - velocity.divergence + dot(velocity.value, action.gradient)


def score_residual(score: VectorJet, velocity: VectorJet) -> Tensor:
    """Left minus right side of the equation of the score, the shape of the fields."""
    work = velocity.pulled(score.value) + score.pulled(velocity.value)
    return score.slope + velocity.divergence_gradient + work


def known_path_residual(action: ScalarJet, velocity: VectorJet, mean_slope: Tensor | float) -> Tensor:
    """Left minus right side of div v - v.grad S_t = dS_t/dt - <dS_t/dt>, (N,); without the mean, up to a constant."""
    return velocity.divergence - dot(velocity.value, action.gradient) - action.slope + mean_slope


def momentum_residual(velocity: VectorJet, x: Tensor, t: float) -> Tensor:
    """Left minus right side of the equation of motion on the straight line, the shape of x."""
    score = -(x + (1 - t) * velocity.value) / t
    stress = (score - t * velocity.pulled(score) - t * velocity.divergence_gradient) / (1 - t)
    return velocity.slope + velocity.pushed(velocity.value) + stress
