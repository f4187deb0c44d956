r"""Schroedinger bridges between Gaussians, known in closed form.

Of reference noise sqrt(eps) dW between N(0, A) and N(0, B): variance (1-t)^2 A + t^2 B + t (1-t) D with D^2 = 4 A B + eps^2.
"""

import math

import pytest
import torch

from emulant.transport.equations import bridge, continuity
from emulant.transport.equations.jets import scalar_jet, time_slope, vector_jet

EPSILON, FIRST, LAST = 0.7, 0.4, 1.9
POINTS = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
TIMES = (0.2, 0.6)


def variance(t, epsilon=EPSILON):
    return (1 - t) ** 2 * FIRST + t**2 * LAST + t * (1 - t) * math.sqrt(4 * FIRST * LAST + epsilon**2)


def rate(t):
    return 0.5 * time_slope(variance, t) / variance(t)


def action(x, t):
    return 0.5 * x[:, 0] ** 2 / variance(t) + 0.5 * math.log(2 * math.pi * variance(t))


def score(x, t):
    return -x / variance(t)


def velocity(x, t):
    return rate(t) * x


def potential(x, t):
    """Eta with eps eta' = v + (eps/2) s; its constant obeys the equation too."""
    slope = rate(t) / EPSILON - 0.5 / variance(t)
    constant = -0.5 * EPSILON * simpson(lambda s: rate(s) / EPSILON - 0.5 / variance(s), t)
    return 0.5 * slope * x[:, 0] ** 2 + constant


def simpson(function, t, steps=200):
    h = t / steps
    return (
        h / 3 * sum((1 if k in (0, steps) else 4 if k % 2 else 2) * function(k * h) for k in range(steps + 1))
    )


@pytest.mark.parametrize("t", TIMES)
def test_the_bridge_obeys_every_equation(t):
    s, v = vector_jet(score, POINTS, t), vector_jet(velocity, POINTS, t)
    eta = scalar_jet(potential, POINTS, t)
    residuals = {
        "action": continuity.action_residual(scalar_jet(action, POINTS, t), v),
        "score": continuity.score_residual(s, v),
        "momentum": bridge.momentum_residual(EPSILON, v, s),
        "potential": bridge.potential_residual(EPSILON, eta),
        "drift": bridge.drift_residual(EPSILON, eta, v, s),
    }
    assert max(float(value.abs().max()) for value in residuals.values()) < 1e-7


@pytest.mark.parametrize("t", TIMES)
def test_another_noise_is_seen(t):
    """The continuity equation holds for any noise; the equations of motion and of the potential know it."""
    s, v = vector_jet(score, POINTS, t), vector_jet(velocity, POINTS, t)
    assert float(bridge.momentum_residual(1.1 * EPSILON, v, s).abs().max()) > 1e-2
    eta = scalar_jet(potential, POINTS, t)
    assert float(bridge.potential_residual(1.1 * EPSILON, eta).abs().max()) > 1e-2
    assert float(bridge.drift_residual(1.1 * EPSILON, eta, v, s).abs().max()) > 1e-2


def test_without_noise_particles_move_straight():
    """Eps to 0: optimal transport, whose velocity is convected unchanged."""
    a, b = math.sqrt(FIRST), math.sqrt(LAST)

    def straight(x, t):
        return (b - a) / ((1 - t) * a + t * b) * x

    jet = vector_jet(straight, POINTS, 0.4)
    assert float(bridge.momentum_residual(0.0, jet, vector_jet(score, POINTS, 0.4)).abs().max()) < 1e-9
