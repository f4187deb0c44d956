"""Evidence and posterior by nested sampling with dynesty (J. Speagle, arXiv:1904.02180): a second opinion."""

from collections.abc import Callable
from typing import NamedTuple

import dynesty
import numpy as np
from scipy.special import ndtri

from emulant.inference.priors import Prior

__all__ = ["Nested", "nested_sampling"]


class Nested(NamedTuple):
    """What nested sampling returns.

    Attributes:
        log_evidence: ln p(y).
        error: of it.
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
    return Nested(float(result.logz[-1]), float(result.logzerr[-1]), result.samples_equal())
