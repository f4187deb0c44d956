"""Evidence and posterior by nested sampling with dynesty (J. Speagle, arXiv:1904.02180), and the evidence by weights.

Nested sampling needs to know nothing of the posterior, and errs by sqrt(H / live points), H the information in nats
(J. Skilling, Bayesian Anal. 1 (2006) 833). Its draws say where the posterior is: with a wider law there as proposal, weights
know the integral a hundred times as well for the same number of likelihoods.
"""

from collections.abc import Callable
from typing import NamedTuple

import dynesty
import numpy as np
from scipy import stats
from scipy.special import ndtri

from emulant.inference.priors import Prior

__all__ = ["Nested", "nested_sampling", "weighted_evidence"]

FREEDOM = 5
"""Degrees of freedom of Student's law of the proposal: its tails are heavier than those of a posterior."""


class Nested(NamedTuple):
    """What nested sampling returns.

    Attributes:
        log_evidence: ln p(y).
        error: of it, sqrt(H / live points).
        draws: equally weighted parameters, (n, d).
    """

    log_evidence: float
    error: float
    draws: np.ndarray


def nested_sampling(
    log_likelihood: Callable[[np.ndarray], np.ndarray], prior: Prior, *, live_points: int, seed: int
) -> Nested:
    """Compute the evidence of one observation.

    Arguments:
        log_likelihood: of parameters (n, d), (n,).
        prior: of the parameters.
        live_points: whose number sets the error.
        seed: of all random numbers.
    """
    sampler = dynesty.NestedSampler(
        lambda theta: float(log_likelihood(theta[None])[0]),
        lambda u: prior.quantile(ndtri(u)),
        len(prior.names),
        nlive=live_points,
        rstate=np.random.default_rng(seed),
    )
    sampler.run_nested(print_progress=False)
    result = sampler.results
    error = np.sqrt(max(float(result.information[-1]), 0.0) / live_points)
    return Nested(float(result.logz[-1]), float(error), result.samples_equal())


def weighted_evidence(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    prior: Prior,
    draws: np.ndarray,
    *,
    count: int,
    seed: int,
) -> tuple[float, float]:
    """Compute ln p(y) and its error by importance weights of a Student law about draws of the posterior.

    Arguments:
        log_likelihood: of parameters (n, d), (n,).
        prior: of the parameters.
        draws: of the posterior, (n, d); of several peaks all must be among them.
        count: of weights.
        seed: of all random numbers.
    """
    z = prior.normal(draws)
    law = stats.multivariate_t(z.mean(0), np.cov(z.T), FREEDOM, seed=np.random.default_rng(seed))
    points = law.rvs(count).reshape(count, -1)
    log_prior = -0.5 * np.square(points).sum(1) - 0.5 * points.shape[1] * np.log(2 * np.pi)
    log_weight = log_likelihood(prior.quantile(points)) + log_prior - law.logpdf(points)
    weight = np.exp(log_weight - log_weight.max())
    error = weight.std() / weight.mean() / np.sqrt(count)
    return float(np.log(weight.mean()) + log_weight.max()), float(error)
