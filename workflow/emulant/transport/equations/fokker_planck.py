r"""Residuals of the Fokker-Planck equation of a path, dx = b dt + g dW with b = r(t) x, in action, score and velocity form.

.. math:: \partial_t S = \nabla\cdot b - b\cdot\nabla S + \tfrac{g^2}{2} (\Delta S - |\nabla S|^2), \qquad
    \partial_t s = \nabla\Big[-\nabla\cdot b - b\cdot s + \tfrac{g^2}{2} (\nabla\cdot s + |s|^2)\Big], \qquad
    v = b - \tfrac{g^2}{2} s

for S = -log p_t and s = -grad S. With g alone (variance exploding) the first is the Hamilton-Jacobi-Bellman equation; with
b = -k x and g^2 = 2 k (variance preserving) it is dS/dt = -k d + k x.grad S + k (lap S - |grad S|^2). The straight line
of flow matching has the law of its diffusion here; what a velocity alone owes to a law is in `continuity`.
"""

from torch import Tensor

from emulant.transport.equations.jets import ScalarJet, VectorJet, dot, time_slope
from emulant.transport.paths import Path

__all__ = ["action_residual", "score_residual", "velocity_residual"]


def action_residual(path: Path, action: ScalarJet, x: Tensor, t: float) -> Tensor:
    """Left minus right side of the equation of S = -log p_t with its normaliser, (N,); without it, up to a constant."""
    rate, half = _coefficients(path, t)
    spread = half * (action.laplacian - dot(action.gradient, action.gradient))
    return action.slope - (rate * x[0].numel() - rate * dot(x, action.gradient) + spread)


def score_residual(path: Path, score: VectorJet, x: Tensor, t: float) -> Tensor:
    """Left minus right side of the equation of the score, the shape of x."""
    rate, half = _coefficients(path, t)
    drift = -rate * (score.value + score.pulled(x))
    return score.slope - drift - half * (score.divergence_gradient + 2 * score.pulled(score.value))


def velocity_residual(path: Path, velocity: VectorJet, x: Tensor, t: float) -> Tensor:
    r"""Left minus right side of the equation of the probability flow's velocity alone, the shape of x.

    .. math:: \partial_t s + \nabla(\nabla\cdot v + v\cdot s) = 0, \qquad s = \tfrac{2}{g^2} (r x - v)

    times -g^2/2, so that it begins with dv/dt; with g alone and g^2 = 1 it is dv/dt + 2 (v.grad) v - lap v / 2.
    """
    rate, half = _coefficients(path, t)
    score = (rate * x - velocity.value) / half
    growth = time_slope(lambda time: _coefficients(path, time)[0], t)
    widening = time_slope(lambda time: _coefficients(path, time)[1], t)
    pulled = velocity.pulled(half * score - velocity.value)
    explicit = velocity.slope - growth * x + widening * score
    return explicit - half * velocity.divergence_gradient - pulled - rate * velocity.value


def _coefficients(path: Path, t: float) -> tuple[float, float]:
    """Rate r of the drift and g^2 / 2."""
    return path.drift(1.0, t), 0.5 * path.diffusion(t) ** 2
