"""Odd splines: exactly odd, monotone, smooth at their ends, and inverted."""

import pytest
import torch

from emulant.networks.couplings.spline import OddSpline

X = torch.linspace(-6, 6, 4001, dtype=torch.float64)


@pytest.fixture(scope="module")
def spline():
    torch.manual_seed(2)
    spline = OddSpline(6, 3.0, unit=1.5).double()
    with torch.no_grad():
        for weight in spline.parameters():
            weight.normal_()
    return spline


def test_it_is_odd_to_the_last_bit(spline):
    value, log_slope = spline(X)
    other, same = spline(-X)
    assert torch.equal(value, -other) and torch.equal(log_slope, same)
    assert float(spline(torch.zeros(1).double())[0].detach()) == 0


def test_it_is_monotone_and_its_slope_is_the_derivative(spline):
    points = X.clone().requires_grad_()
    value, log_slope = spline(points)
    (derivative,) = torch.autograd.grad(value.sum(), points)
    inside = points.detach() != 0
    torch.testing.assert_close(log_slope[inside].exp(), derivative[inside], rtol=1e-9, atol=1e-9)
    assert (value.diff() > 0).all() and log_slope.abs().max() > 0.5


def test_it_ends_smoothly_in_the_identity(spline):
    """The bound is 3 units of 1.5; value and slope are continuous there."""
    value, log_slope = spline(X)
    outside = X.abs() > 4.5
    assert torch.equal(value[outside], X[outside]) and not log_slope[outside].any()
    near = torch.tensor([4.5 - 1e-6], dtype=torch.float64)
    value, log_slope = spline(near)
    torch.testing.assert_close(value, near, atol=1e-5, rtol=0)
    assert abs(float(log_slope.detach())) < 1e-3


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-6)])
def test_it_is_inverted(spline, dtype, tolerance):
    points = X.to(dtype)
    value, log_slope = spline(points)
    again, opposite = spline.inverse(value)
    assert again.dtype == dtype
    # Where the slope is small an inverse is as uncertain as the value over the slope.
    torch.testing.assert_close(again * log_slope.exp(), points * log_slope.exp(), atol=6 * tolerance, rtol=0)
    torch.testing.assert_close(opposite, -log_slope, atol=1e3 * tolerance, rtol=0)


def test_gradients_of_the_inverse_are_finite_everywhere(spline):
    points = torch.tensor([-9.0, -4.5, 0.0, 1e-12, 4.5, 100.0], dtype=torch.float64, requires_grad=True)
    value, log_slope = spline.inverse(points)
    gradients = torch.autograd.grad((value + log_slope).sum(), [points, *spline.parameters()])
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)
