"""Tilts give features means of zero, by the coefficients that are known where the law is."""

import torch

from emulant.transport.tilt import centring_tilt


def test_a_shifted_gaussian_is_moved_back():
    """exp(-(x - 1)^2 / 2) has the mean 0 and the mean square 2 as exp(-x^2 / 4): c = (-1, 1/4) of x and x^2 - 2."""
    x = torch.linspace(-12, 12, 4001, dtype=torch.float64)
    features = torch.stack([x, x**2 - 2], 1)
    c = centring_tilt(features, -((x - 1) ** 2) / 2)
    torch.testing.assert_close(c, torch.tensor([-1.0, 0.25], dtype=torch.float64), atol=1e-7, rtol=0)


def test_means_vanish_to_rounding():
    z = torch.randn(500, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64) + 0.3
    share = torch.softmax(z @ centring_tilt(z, z.new_zeros(500)), 0)
    assert (share @ z).abs().max() < 1e-9


def test_features_that_never_change_sign_end_in_finite_time():
    """No weights give positive numbers a mean of zero; the caller looks at what is left."""
    z = torch.rand(20, 1, generator=torch.Generator().manual_seed(2), dtype=torch.float64) + 1
    assert torch.softmax((z @ centring_tilt(z, z.new_zeros(20))), 0).isfinite().all()
