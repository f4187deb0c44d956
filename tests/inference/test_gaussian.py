"""The closed forms of a linear response against quadrature and against Bayes' theorem."""

import numpy as np
from scipy import stats

from emulant.inference.gaussian import LinearGaussian

LAW = LinearGaussian(
    np.array([[1.0, 0.5], [0.0, 1.0], [0.3, -0.4]]),
    np.array([0.5, 0.7, 1.0]),
    np.array([0.0, 1.0]),
    np.array([1.0, 2.0]),
)
OBSERVATION = np.array([0.7, 1.5, -0.2])


def test_the_evidence_is_likelihood_times_prior_over_posterior():
    theta = np.array([0.3, -0.8])
    prior = stats.norm(LAW.mean, LAW.deviation).logpdf(theta).sum()
    posterior = stats.multivariate_normal(LAW.posterior_mean(OBSERVATION[None])[0], LAW.covariance).logpdf(
        theta
    )
    evidence = LAW.log_likelihood(theta, OBSERVATION) + prior - posterior
    np.testing.assert_allclose(LAW.log_evidence(OBSERVATION[None])[0], evidence, rtol=1e-12)


def test_the_evidence_is_an_integral():
    """Gauss-Hermite over the prior."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(150)
    grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), -1) * LAW.deviation + LAW.mean
    values = np.exp(LAW.log_likelihood(grid, OBSERVATION)) * np.outer(weights, weights) / (2 * np.pi)
    np.testing.assert_allclose(np.log(values.sum()), LAW.log_evidence(OBSERVATION[None])[0], rtol=1e-7)


def test_samples_have_the_moments_of_the_posterior():
    """4e4 draws; five errors."""
    draws = LAW.sample(OBSERVATION[None], 40000, np.random.default_rng(1))[:, 0]
    error = np.sqrt(np.diag(LAW.covariance) / 40000)
    assert (abs(draws.mean(0) - LAW.posterior_mean(OBSERVATION[None])[0]) < 5 * error).all()
    np.testing.assert_allclose(np.cov(draws.T), LAW.covariance, atol=5 * 1.5 * LAW.covariance.max() / 200)
