"""The Gaussian field that flows and annealing begin with."""

import numpy as np
import pytest
import torch

from emulant.lattice.gap_equation import gaussian_inverse_power
from emulant.transport.gaussian_start import GaussianStart

SHAPES = [(6,), (4, 6), (5, 3), (3, 4, 2)]


def start_of(shape, kappa=0.1, coupling=0.3):
    return GaussianStart(torch.from_numpy(gaussian_inverse_power(kappa, coupling, shape)))


@pytest.mark.parametrize("shape", SHAPES)
def test_draws_have_the_power_that_is_asked_for(shape):
    """Of 20000 draws, each mode's power within 6 errors (sqrt(2/N) of it): one false alarm in 10^7."""
    start = start_of(shape)
    draws = start.sample(20000, torch.Generator().manual_seed(1)).double()
    power = torch.fft.fftn(draws, dim=start.dims).abs().square().mean(0) / np.prod(shape)
    np.testing.assert_allclose(power * start.inverse_power, 1, atol=6 * np.sqrt(2 / 20000))


@pytest.mark.parametrize("shape", SHAPES)
def test_density_score_and_normalisation_are_those_of_the_covariance(shape):
    start, size = start_of(shape), int(np.prod(shape))
    unit = torch.eye(size, dtype=torch.float64).reshape(size, *shape)
    precision = -start.score(unit).reshape(size, size)
    law = torch.distributions.MultivariateNormal(
        torch.zeros(size, dtype=torch.float64), precision_matrix=precision
    )
    fields = torch.randn(7, *shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    torch.testing.assert_close(start.log_density(fields), law.log_prob(fields.flatten(1)))


def test_the_path_of_actions_ends_at_both_actions():
    start = start_of((4, 4))
    fields = start.sample(5, torch.Generator().manual_seed(3))

    def action(x):
        return x.double().flatten(1).square().sum(1)

    torch.testing.assert_close(start.on_path(action, 0)(fields), start.action(fields))
    torch.testing.assert_close(start.on_path(action, 1)(fields), action(fields))
    half = 0.5 * start.action(fields) + 0.5 * action(fields)
    torch.testing.assert_close(start.on_path(action, 0.5)(fields), half)
