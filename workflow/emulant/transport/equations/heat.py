r"""The heat semigroup in its own time tau, the square of the noise: residuals in action, Burgers and velocity form.

.. math:: \partial_\tau S = \tfrac12 (\Delta S - |\nabla S|^2), \qquad
    \partial_\tau u + (u\cdot\nabla) u = \tfrac12 \Delta u, \qquad
    \partial_\tau v + 2 (v\cdot\nabla) v = \tfrac12 \Delta v

for u = grad S and v = u/2; exp(-S) obeys the heat equation (Cole and Hopf), so that S_tau is an average over Gaussian noise.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from emulant.transport.equations.jets import ScalarJet, VectorJet, dot

__all__ = ["action_residual", "burgers_residual", "cole_hopf", "velocity_residual"]


def action_residual(action: ScalarJet) -> Tensor:
    """Left minus right side of the Hamilton-Jacobi-Bellman equation, (N,)."""
    return action.slope - 0.5 * (action.laplacian - dot(action.gradient, action.gradient))


def burgers_residual(force: VectorJet) -> Tensor:
    """Left minus right side of Burgers' equation of u = grad S, the shape of the fields."""
    return force.slope + force.pushed(force.value) - 0.5 * force.divergence_gradient


def velocity_residual(velocity: VectorJet) -> Tensor:
    """Left minus right side of the equation of v = grad S / 2, the shape of the fields."""
    return velocity.slope + 2 * velocity.pushed(velocity.value) - 0.5 * velocity.divergence_gradient


def cole_hopf(action: Callable[[Tensor], Tensor], x: Tensor, tau: float, noise: Tensor) -> Tensor:
    """Compute S_tau(x) = -log E exp(-S_0(x + sqrt(tau) z)), (N,), over noise (draws, *site_shape)."""
    moved = x[:, None] + math.sqrt(tau) * noise
    exponents = -action(moved.flatten(0, 1)).reshape(len(x), len(noise))
    return math.log(len(noise)) - torch.logsumexp(exponents, 1)
