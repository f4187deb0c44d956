"""Wrapped noise: both sums are one law, normalised, with its score and its Fourier coefficients."""

import math

import pytest
import torch

from emulant.transport.circle.kernel import CROSSOVER, damping, kernel_density, kernel_score

NOISES = [0.02, 0.1, 0.5, 1.0, CROSSOVER - 1e-9, CROSSOVER, 2.0, 4.5]
POINTS = 4096
ANGLES = -math.pi + 2 * math.pi * torch.arange(POINTS, dtype=torch.float64) / POINTS


def noise(s):
    return torch.tensor(s, dtype=torch.float64)


@pytest.mark.parametrize("s", NOISES)
def test_waves_of_the_density_are_damped(s):
    """<cos nd> = e^(-n^2 s^2 / 2) by the trapezium rule, exact for so narrow a spectrum: n = 0 is the norm."""
    density = kernel_density(ANGLES, noise(s))
    for n in range(4):
        mean = float((density * torch.cos(n * ANGLES)).mean())
        assert mean == pytest.approx(math.exp(-0.5 * (n * s) ** 2), abs=1e-13)


@pytest.mark.parametrize("s", NOISES)
def test_the_score_is_the_slope_of_the_logarithm(s):
    # Farther out than 30 s the density is below the least double.
    angles = (ANGLES[::64] * min(1.0, 30 * s / math.pi)).requires_grad_()
    (slope,) = torch.autograd.grad(kernel_density(angles, noise(s)).log().sum(), angles)
    torch.testing.assert_close(kernel_score(angles.detach(), noise(s)), slope, rtol=1e-9, atol=1e-9)


def test_both_sums_agree_where_they_meet():
    below, above = (kernel_score(ANGLES, noise(s)) for s in (CROSSOVER - 1e-15, CROSSOVER))
    torch.testing.assert_close(below, above, rtol=0, atol=1e-13)


def test_the_score_has_the_period_of_the_circle_and_is_odd():
    s = torch.tensor([0.05, 0.7, 3.0], dtype=torch.float64)[:, None]
    score = kernel_score(ANGLES[1:], s)
    torch.testing.assert_close(kernel_score(-ANGLES[1:], s), -score, rtol=0, atol=1e-9)
    torch.testing.assert_close(kernel_score(ANGLES[1:] + 2 * math.pi, s), score, rtol=1e-9, atol=1e-9)


def test_damping_multiplies_over_angles():
    s = noise(0.8)
    assert float(damping(4, s)) == pytest.approx(float(damping(1, s)) ** 4)
