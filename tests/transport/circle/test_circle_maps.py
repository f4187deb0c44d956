"""Bijections of the circle: inverse, slope against autograd, monotone, periodic, odd with mirrored numbers."""

import math

import pytest
import torch

from emulant.transport.circle import splines, tangents
from emulant.transport.circle.moebius import inside, moebius

COUNT, K = 60, 7


def normal(*shape, seed=1, scale=1.5):
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def angles_of(count, seed=2):
    generator = torch.Generator().manual_seed(seed)
    return (2 * torch.rand(count, generator=generator, dtype=torch.float64) - 1) * math.pi


class Spline:
    """A spline of (..., 3 K) numbers."""

    numbers = normal(COUNT, 3 * K)

    @staticmethod
    def forward(numbers, angles):
        return splines.forward(splines.knots_of(*numbers.chunk(3, -1)), angles)

    @staticmethod
    def inverse(numbers, angles):
        return splines.inverse(splines.knots_of(*numbers.chunk(3, -1)), angles)

    @staticmethod
    def mirrored(numbers):
        w, h, d = numbers.chunk(3, -1)
        return torch.cat([splines.mirrored_bins(w), splines.mirrored_bins(h), splines.mirrored_knots(d)], -1)


class Moebius:
    """A Moebius map of two numbers."""

    numbers = normal(COUNT, 2, seed=3)

    @staticmethod
    def forward(numbers, angles):
        return moebius(*inside(*numbers.unbind(-1)), angles)

    @staticmethod
    def inverse(numbers, angles):
        u, v = inside(*numbers.unbind(-1))
        angles, log_slope = moebius(-u, -v, angles)
        return angles, -log_slope

    @staticmethod
    def mirrored(numbers):
        return numbers * torch.tensor([1.0, -1.0])


class Tangents:
    """A mean of non-compact projections."""

    numbers = normal(COUNT, 3, seed=4)
    forward, inverse = staticmethod(tangents.forward), staticmethod(tangents.inverse)

    @staticmethod
    def mirrored(numbers):
        return numbers


maps = pytest.mark.parametrize("kind", [Spline, Moebius, Tangents])


@maps
def test_the_inverse_undoes_it(kind):
    angles = angles_of(COUNT)
    image, log_slope = kind.forward(kind.numbers, angles)
    back, again = kind.inverse(kind.numbers, image)
    torch.testing.assert_close(back, angles, atol=1e-8, rtol=0)
    torch.testing.assert_close(again, log_slope, atol=1e-6, rtol=0)


@maps
def test_the_slope_is_that_of_autograd(kind):
    angles = angles_of(COUNT).requires_grad_()
    image, log_slope = kind.forward(kind.numbers, angles)
    (slope,) = torch.autograd.grad(image.sum(), angles)
    torch.testing.assert_close(slope.log(), log_slope, atol=1e-9, rtol=0)


@maps
def test_it_goes_round_the_circle_once(kind):
    """Rising everywhere, by 2 pi in all, with the same slope at both ends."""
    angles = torch.linspace(-math.pi, math.pi, 400, dtype=torch.float64)
    numbers = kind.numbers[:8, None].expand(-1, 400, -1)
    image, log_slope = kind.forward(numbers, angles.expand(8, -1))
    rise = torch.remainder(image.diff(dim=1), 2 * math.pi)
    assert float(rise.min()) > 0
    torch.testing.assert_close(
        rise.sum(1), torch.full((8,), 2 * math.pi, dtype=torch.float64), atol=1e-9, rtol=0
    )
    torch.testing.assert_close(log_slope[:, 0], log_slope[:, -1], atol=1e-9, rtol=0)


@maps
def test_mirrored_numbers_make_the_mirrored_map(kind):
    angles = angles_of(COUNT)
    image, log_slope = kind.forward(kind.numbers, angles)
    mirrored, again = kind.forward(kind.mirrored(kind.numbers), -angles)
    torch.testing.assert_close(mirrored, -image, atol=1e-9, rtol=0)
    torch.testing.assert_close(again, log_slope, atol=1e-9, rtol=0)


@maps
def test_zero_is_the_identity(kind):
    angles = angles_of(COUNT)
    image, log_slope = kind.forward(torch.zeros_like(kind.numbers), angles)
    torch.testing.assert_close(image, angles, atol=1e-12, rtol=0)
    assert float(log_slope.abs().max()) < 1e-12


def test_extreme_splines_keep_their_ends():
    """Numbers of hundreds, in single precision: ends stay, the inverse is finite."""
    numbers = (100 * Spline.numbers).float()
    image, _ = Spline.forward(numbers, torch.full((COUNT,), -math.pi, dtype=torch.float64))
    assert torch.equal(image, torch.full_like(image, -math.pi))
    back, log_slope = Spline.inverse(numbers, angles_of(COUNT))
    assert back.isfinite().all() and log_slope.isfinite().all() and float(back.abs().max()) <= math.pi + 1e-9
