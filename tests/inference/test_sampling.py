"""Markov chains and nested sampling of a posterior whose closed form is known."""

import numpy as np

from emulant.inference.evidence import nested_sampling, weighted_evidence
from emulant.inference.gaussian import LinearGaussian
from emulant.inference.priors import prior_from
from emulant.inference.sampling import sample_posterior
from tests.inference.test_gaussian import LAW, OBSERVATION

PRIOR = prior_from({"a": {"normal": [0.0, 1.0]}, "b": {"normal": [1.0, 2.0]}}, "system")


def likelihood(theta):
    return LAW.log_likelihood(theta, OBSERVATION)


def test_chains_have_the_moments_of_the_posterior():
    """40 rounds of 32 walkers, 30 steps apart: at least 400 independent draws of 1280; five errors."""
    draws = sample_posterior(likelihood, PRIOR, draws=1280, walkers=32, steps=30, seed=1)
    z = (draws.mean(0) - LAW.posterior_mean(OBSERVATION[None])[0]) / np.sqrt(np.diag(LAW.covariance))
    assert (abs(z) < 5 / 20).all()
    ratio = draws.std(0) / np.sqrt(np.diag(LAW.covariance))
    assert (abs(ratio - 1) < 5 / 28).all()


def test_a_narrow_posterior_in_a_corner_is_reached():
    """A box of which it is a millionth."""
    box = prior_from({"a": {"uniform": [0.0, 1.0]}, "b": {"uniform": [0.0, 1.0]}}, "system")
    draws = sample_posterior(
        lambda theta: -0.5 * np.square((theta - 0.999) / 4e-4).sum(-1),
        box,
        draws=64,
        walkers=32,
        steps=200,
        seed=2,
    )
    assert abs(draws.mean() - 0.999) < 5 * 4e-4 / np.sqrt(40) and draws.max() <= 1.0


def test_seven_nearly_degenerate_parameters_have_their_widths_after_few_steps():
    """Two pairs are told apart by a tenth of what both do: whitened draws of 8 runs have a mean square of 1 to 0.1.

    Runs scatter by 0.07, so that eight know it to 0.025. With steps that have another density it was 0.88.
    """
    generator = np.random.default_rng(1)
    response = generator.standard_normal((20, 7))
    response[:, 1:3] = 0.1 * response[:, 1:3] + response[:, 3:5]
    law = LinearGaussian(response, np.full(20, 0.3), np.zeros(7), np.ones(7))
    prior = prior_from({str(k): {"normal": [0.0, 1.0]} for k in range(7)}, "system")
    root = np.linalg.cholesky(law.covariance)
    squares = []
    for seed in range(8):
        y = response @ generator.standard_normal(7) + 0.3 * generator.standard_normal(20)
        draws = sample_posterior(
            lambda theta, y=y: law.log_likelihood(theta, y), prior, draws=64, walkers=64, steps=40, seed=seed
        )
        squares.append(np.square(np.linalg.solve(root, (draws - law.posterior_mean(y[None])).T)).mean())
    assert abs(np.mean(squares) - 1) < 0.1


def test_the_same_seed_gives_the_same_draws():
    one, two = (sample_posterior(likelihood, PRIOR, draws=16, walkers=16, steps=5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_walkers_are_twice_as_many_as_parameters():
    """Two walkers of two parameters could not move; four draw as many as are asked for."""
    assert sample_posterior(likelihood, PRIOR, draws=6, walkers=2, steps=2, seed=5).shape == (6, 2)


def test_nested_sampling_and_weights_know_the_evidence():
    """Five of their own errors; those of weights are hundredths."""
    result = nested_sampling(likelihood, PRIOR, live_points=150, seed=4)
    weighted, error = weighted_evidence(likelihood, PRIOR, result.draws, count=10_000, seed=4)
    exact = LAW.log_evidence(OBSERVATION[None])[0]
    assert result.error < 0.2 and abs(result.log_evidence - exact) < 5 * result.error
    assert error < 0.02 and abs(weighted - exact) < 5 * error
