"""The denoiser of an empirical measure: against brute force over samples, and against the law they came from."""

import numpy as np
import pytest
import torch

from emulant.systems.quartic_well.system import QuarticWell
from emulant.systems.two_peak.system import TwoPeak
from emulant.transport.empirical import folded_histogram, posterior_means


def samples(count, system=None):
    system = system or TwoPeak()
    return torch.from_numpy(system.sample(count, np.random.default_rng(1)))


def test_histogram_keeps_first_and_second_moments():
    """Shares sum to one, the mean is exact, the second moment is low by less than bin² / 12."""
    drawn = samples(50_000)
    places, shares = folded_histogram(drawn)
    width = float(drawn.abs().max()) / 2048
    assert float(shares.sum()) == pytest.approx(1, abs=1e-12)
    assert float(shares @ places) == pytest.approx(float(drawn.abs().mean()), rel=1e-12)
    missing = float(drawn.square().mean() - shares @ places**2)
    assert 0 <= missing < width**2 / 12 * 1.1


@pytest.mark.parametrize("noise", [0.05, 0.5, 10.0])
def test_it_is_the_mean_over_the_samples(noise):
    """The sum over samples of both signs, one by one."""
    drawn = samples(3000)
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)
    both = torch.cat([drawn, -drawn])[:, 0]
    weights = torch.exp(-0.5 * ((x[:, None] - both) / noise) ** 2)
    density = weights.mean(1) / (noise * (2 * torch.pi) ** 0.5)
    mean, estimate = posterior_means(*folded_histogram(drawn), x, noise)
    torch.testing.assert_close(mean, weights @ both / weights.sum(1), atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(estimate, density, atol=0, rtol=2e-3)


@pytest.mark.parametrize("system", [TwoPeak(), QuarticWell(-1.0, 0.4)], ids=str)
def test_it_approaches_the_denoiser_of_the_law(system):
    """10⁶ samples, errors of the posterior mean about s / √(N p s)."""
    drawn, scale = samples(10**6, system), float(system.moments()[1]) ** 0.5
    for noise in (0.1 * scale, scale):
        x = torch.linspace(-1.5, 1.5, 13, dtype=torch.float64) * scale
        mean, density = posterior_means(*folded_histogram(drawn), x, noise)
        exact = torch.as_tensor(system.denoiser(x.numpy(), 1.0, noise))
        error = noise / (10**6 * density * noise).sqrt()
        assert torch.all((mean - exact).abs() < 4.5 * error + 1e-9)


def test_far_from_all_samples_nothing_underflows():
    mean, density = posterior_means(*folded_histogram(samples(1000)), torch.tensor([50.0]).double(), 0.1)
    assert torch.isfinite(mean).all()
    assert float(density) == 0.0
