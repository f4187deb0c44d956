"""The two-peak toy against closed forms, quadrature and its own samples."""

import math

import numpy as np
import pytest
import torch

from emulant.statistics.cumulants import cumulants, site_moments
from emulant.systems.two_peak.system import TwoPeak

TOY = TwoPeak(mean=1.0, width=0.25)
KERNELS = [(1.0, 0.0), (1.0, 0.02), (1.0, 4.6), (0.6, 0.8), (0.02, 1.0)]
GRID = np.linspace(-1, 1, 20001)


def test_published_moments_and_cumulants():
    """<φ²>, ..., <φ⁸> to ten digits, κ₂, ..., κ₈ (arXiv:2410.21212)."""
    even = [1.0625, 1.38671875, 2.116943359375, 3.674453735]
    np.testing.assert_allclose(TOY.moments()[1::2], even, rtol=1e-9)
    np.testing.assert_array_equal(TOY.cumulants()[1::2], [1.0625, -2.0, 16.0, -272.0])


@pytest.mark.parametrize("toy", [TOY, TwoPeak(1.7, 0.4), TwoPeak(0.0, 1.0)], ids=str)
def test_cumulants_follow_from_moments(toy):
    np.testing.assert_allclose(toy.cumulants(), cumulants(toy.moments()), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("toy", [TOY, TwoPeak(1.7, 0.4)], ids=str)
def test_quadrature_agrees_with_closed_forms(toy):
    for n in (2, 4, 6, 8):
        assert toy.expectation(lambda x, n=n: x**n) == pytest.approx(toy.moments()[n - 1], rel=1e-12)
    mean, width = toy.mean, toy.width
    folded = width * math.sqrt(2 / math.pi) * math.exp(-0.5 * (mean / width) ** 2)
    folded += mean * math.erf(mean / (width * math.sqrt(2)))
    assert toy.expectation(np.abs) == pytest.approx(folded, rel=1e-12)
    assert toy.expectation(lambda x: x * toy.gradient(x)) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(("signal", "noise"), KERNELS)
def test_density_along_a_path(signal, noise):
    """Normalised, second moment a² κ₂ + b², score = ∂ log p, and the score that Tweedie's formula gives."""
    spread = np.sqrt(1.0625 * signal**2 + noise**2)
    x = 10 * spread * GRID
    density = TOY.density(x, signal, noise)
    step = x[1] - x[0]
    assert density.sum() * step == pytest.approx(1.0, rel=1e-10)
    assert (x**2 * density).sum() * step == pytest.approx(spread**2, rel=1e-9)
    slope = np.gradient(TOY.log_density(x, signal, noise), x)
    np.testing.assert_allclose(slope[1:-1], TOY.score(x, signal, noise)[1:-1], atol=2e-3 / spread)
    if noise:
        tweedie = (signal * TOY.denoiser(x, signal, noise) - x) / noise**2
        np.testing.assert_allclose(tweedie, TOY.score(x, signal, noise), rtol=1e-7, atol=1e-9 / noise**2)


def test_denoiser_is_the_posterior_mean():
    """E[φ₀|φ] by quadrature over φ₀."""
    start = np.linspace(-4, 4, 40001)
    for x in (-1.3, 0.1, 0.9):
        joint = TOY.density(start) * np.exp(-0.5 * ((x - 0.6 * start) / 0.8) ** 2)
        assert TOY.denoiser(x, 0.6, 0.8) == pytest.approx((start * joint).sum() / joint.sum(), rel=1e-10)


def test_gradient_is_the_derivative_of_the_action():
    x = torch.linspace(-3, 3, 61, dtype=torch.float64)[:, None].requires_grad_()
    TOY.action(x).sum().backward()
    np.testing.assert_allclose(x.grad, TOY.gradient(x.detach()), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(TOY.action(x.detach().numpy()), TOY.action(x.detach()), rtol=1e-12)
    assert TOY.action(x).shape == (61,)


def test_density_does_not_underflow_far_away():
    assert TOY.log_density(1e3) == pytest.approx(
        -(999**2) / (2 * 0.0625) - math.log(0.5 * math.sqrt(math.pi / 2))
    )


def test_samples():
    """10⁶ samples: moments within 4.5 errors (7e-6 each), distribution by Kolmogorov-Smirnov at 1e-4."""
    from scipy.stats import kstest, norm

    x = TOY.sample(10**6, np.random.default_rng(1))
    assert x.shape == (10**6, 1)
    moments = site_moments(x)
    error = moments.std(axis=0) / 1e3
    assert np.all(np.abs(moments.mean(axis=0) - TOY.moments()) < 4.5 * error)
    exact = lambda y: 0.5 * (norm.cdf(y, 1, 0.25) + norm.cdf(y, -1, 0.25))  # noqa: E731
    assert kstest(x[:, 0], exact).pvalue > 1e-4
    np.testing.assert_array_equal(
        TOY.sample(10, np.random.default_rng(7)), TOY.sample(10, np.random.default_rng(7))
    )


@pytest.mark.parametrize("bad", [{"width": 0.0}, {"width": -1.0}, {"mean": float("nan")}])
def test_bad_parameters_are_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        TwoPeak(**bad)
