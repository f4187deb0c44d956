"""Controls have no mean, and say most of what chance does to a flow's fields."""

import pytest
import torch

from emulant.statistics.control_variates import less_explained
from emulant.transport.last_map.latent_controls import latent_controls, polynomials_of
from emulant.transport.measures import ModeMeasure
from emulant.transport.order_parameter import SymmetricMixture

SHAPE, COUNT = (6, 6), 40000
TWO_PHASES = SymmetricMixture(torch.tensor([8.0, 16.0]), torch.tensor([0.3, 0.7]), 4.0)
BASES = pytest.mark.parametrize("zero_mode", [None, TWO_PHASES])


def base(zero_mode):
    """A spectrum that falls with the wave number."""
    squares = torch.tensor([0.0, 1.0, 4.0, 9.0, 4.0, 1.0], dtype=torch.float64)
    return ModeMeasure(4 / (1 + squares[:, None] + squares[None, :4]), SHAPE, zero_mode)


@BASES
def test_means_are_zero(zero_mode):
    """28 columns of 40000 latents within 4.6 errors: false alarm 2.4e-4 for both bases."""
    latents = torch.randn(COUNT, *SHAPE, generator=torch.Generator().manual_seed(1))
    controls = latent_controls(base(zero_mode), latents)
    pulls = controls.mean(0) / (controls.std(0) / COUNT**0.5)
    assert controls.shape == (COUNT, 8 + 4 * 4 + 4)
    assert float(pulls.abs().max()) < 4.6


def test_polynomials_are_orthogonal():
    """<P_k P_l> = delta_kl/(2k + 1), by a sum over quantiles of |y|."""
    share = (torch.arange(20000, dtype=torch.float64) + 0.5) / 20000
    values = polynomials_of(torch.special.ndtri((1 + share) / 2))
    expected = torch.diag(1 / (2 * torch.arange(values.shape[1], dtype=torch.float64) + 1))
    torch.testing.assert_close(values.T @ values / len(values), expected, atol=1e-6, rtol=0)


@BASES
def test_moments_of_bent_fields_lose_most_of_their_chance(zero_mode):
    """Fields of the base, bent by x - 0.01 x^3 and with noise of a tenth: <M^2> and <x^4> by 20 and 10 times in variance."""
    generator = torch.Generator().manual_seed(2)
    latents = torch.randn(4000, *SHAPE, generator=generator, dtype=torch.float64)
    x = base(zero_mode).from_latent(latents, 0.0)
    x = x - 0.01 * x**3 + 0.1 * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    values = torch.stack([x.mean((1, 2)) ** 2, (x**4).mean((1, 2))], 1).numpy()
    rest = less_explained(values, latent_controls(base(zero_mode), latents).numpy())
    gain = values.var(0) / rest.var(0)
    assert gain[0] > 20 and gain[1] > 10
