"""The linear law against a Gaussian problem whose posterior is known in closed form."""

import numpy as np
import torch

from emulant.families._linear_law import LinearLaw

COUNT, SIZE, NOISE = 4000, 3, 0.7
RESPONSE = np.array([[1.0, 0.5, -0.3], [0.0, 0.8, 0.4]])
"""x = y RESPONSE + NOISE z, of standard normal y: two targets, three inputs."""


def sampled(count, seed):
    generator = np.random.default_rng(seed)
    y = generator.standard_normal((8, count, 2))
    return y @ RESPONSE + NOISE * generator.standard_normal((8, count, SIZE)), y


def fitted(count=COUNT):
    x, y = map(torch.from_numpy, sampled(count, 1))
    return LinearLaw.of(x, y).fit(x, y, 1)


def test_mean_and_errors_are_those_of_the_posterior():
    """Covariance (1 + A A^T / s^2)^-1 and mean (.) A x / s^2, within five errors of 4000 samples in eight sectors."""
    covariance = np.linalg.inv(np.eye(2) + RESPONSE @ RESPONSE.T / NOISE**2)
    law, (x, _) = fitted(), sampled(500, 2)
    mean = x @ (covariance @ RESPONSE / NOISE**2).T
    error = law(torch.from_numpy(x).float()).detach().numpy() - mean
    # Each of three coefficients has the error of the targets' spread over sqrt(count).
    assert np.sqrt((error**2).mean()) < 5 * np.sqrt(SIZE * covariance.max() / COUNT)
    normal = torch.eye(2).expand(8, 2, 2)
    spread = law.spread(normal).numpy()
    measured = np.einsum("ski,skj->sij", spread, spread)
    np.testing.assert_allclose(measured, np.broadcast_to(covariance, (8, 2, 2)), atol=5 * 0.7 / COUNT**0.5)


def test_the_first_variable_alone_moves_the_first_target():
    law = fitted(500)
    assert law.spread(torch.eye(2).expand(8, 2, 2))[:, 1, 0].abs().max() == 0
    assert (law.factor[:, 0, 0] > 0).all()


def test_few_samples_are_shrunk_to_the_prior():
    """Of targets that inputs say nothing of, the strongest ridge leaves a response that explains next to nothing."""
    generator = np.random.default_rng(3)
    x, y = (torch.from_numpy(generator.standard_normal((8, 60, width))) for width in (40, 2))
    law = LinearLaw.of(x, y).fit(x, y, 1)
    fresh = torch.from_numpy(generator.standard_normal((8, 2000, 40))).float()
    assert law(fresh).square().mean() < 0.1
