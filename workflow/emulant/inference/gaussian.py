"""Posterior and evidence of y = A theta + noise in closed form, with normal priors."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["LinearGaussian"]


@dataclass(frozen=True)
class LinearGaussian:
    """A linear response with Gaussian noise.

    Arguments:
        response: A, (m, d).
        noise: standard deviations of y at fixed theta, (m,).
        mean, deviation: of the normal priors, (d,).
    """

    response: np.ndarray
    noise: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray

    @cached_property
    def covariance(self) -> np.ndarray:
        """Covariance of the posterior, (d, d), the same for every observation."""
        weighted = self.response / self.noise[:, None]
        return np.linalg.inv(weighted.T @ weighted + np.diag(self.deviation**-2))

    def posterior_mean(self, observations: np.ndarray) -> np.ndarray:
        """Compute the mean of the posterior of observations (N, m), (N, d)."""
        informed = observations / self.noise**2 @ self.response + self.mean / self.deviation**2
        return informed @ self.covariance

    def log_evidence(self, observations: np.ndarray) -> np.ndarray:
        """Compute ln p(y) of observations (N, m), (N,)."""
        spread = self.response * self.deviation
        covariance = np.diag(self.noise**2) + spread @ spread.T
        deviation = observations - self.response @ self.mean
        misfit = np.einsum("ni,ij,nj->n", deviation, np.linalg.inv(covariance), deviation)
        return -0.5 * (misfit + np.linalg.slogdet(2 * np.pi * covariance)[1])

    def log_likelihood(self, parameters: np.ndarray, observation: np.ndarray) -> np.ndarray:
        """Compute ln p(y | theta) of parameters (..., d) for one observation (m,)."""
        z = (observation - parameters @ self.response.T) / self.noise
        return -0.5 * (z**2 + np.log(2 * np.pi * self.noise**2)).sum(-1)

    def sample(self, observations: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
        """Draw from the posterior of each observation (N, m), (draws, N, d)."""
        centre = self.posterior_mean(observations)
        noise = generator.standard_normal((draws, *centre.shape))
        return centre + noise @ np.linalg.cholesky(self.covariance).T
