"""The first published flow: white noise, log q of its map, and that it knows no symmetry."""

import math

import pytest
import torch

from emulant.families.realnvp_baseline import Model
from emulant.systems.phi4.system import Phi4

SETTINGS = {
    "name": "realnvp_baseline",
    "family": "realnvp_baseline",
    "estimator": "reparametrised",
    "couplings": 3,
    "widths": [8, 8],
    "generation": {},
}


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(1)
    return Model.build(SETTINGS, None, Phi4(0.25, 0.5, (4, 4)))


def test_it_begins_with_white_noise_of_any_action(model):
    """Log q_0 is that of 16 standard normal numbers."""
    latents = torch.randn(5, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    normal = -0.5 * latents.square().sum((1, 2)) - 8 * math.log(2 * math.pi)
    torch.testing.assert_close(model.start.log_density(latents), normal)
    noise = model.start.sample(20_000, torch.Generator().manual_seed(2))
    # The error of a variance of 320,000 numbers is 0.0025, of their products 0.0018.
    assert abs(float(noise.var()) - 1) < 0.012 and abs(float((noise * noise.roll(1, 2)).mean())) < 0.009


def test_log_q_is_that_of_the_map_and_of_its_inverse(model):
    samples = model.sample(64, torch.Generator().manual_seed(3))
    torch.testing.assert_close(model.log_density(samples.values), samples.log_q, atol=1e-4, rtol=0)
    latent = model.start.sample(1, torch.Generator().manual_seed(4))[0]
    jacobian = torch.autograd.functional.jacobian(lambda x: model.transported(x[None])[0][0], latent)
    exact = model.start.log_density(latent[None]) - torch.linalg.slogdet(jacobian.reshape(16, 16)).logabsdet
    torch.testing.assert_close(model.transported(latent[None])[1], exact, atol=1e-4, rtol=0)


def test_it_is_not_odd(model):
    latents = model.start.sample(4, torch.Generator().manual_seed(5))
    assert (model.transported(-latents)[0] + model.transported(latents)[0]).abs().max() > 0.01
