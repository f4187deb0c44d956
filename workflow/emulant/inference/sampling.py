"""Markov chains of a posterior by emcee (D. Foreman-Mackey et al., arXiv:1202.3665).

They move in the standard normal variables of the prior, in which no step leads outside.
"""

from collections.abc import Callable

import emcee
import numpy as np
from scipy.special import logsumexp

from emulant.inference.priors import Prior

__all__ = ["sample_posterior"]

DIFFERENCES = 0.8
"""Share of steps along differences of walkers, the rest towards one (C. ter Braak, Stat. Comput. 16 (2006) 239): of seven
nearly degenerate parameters stretches left widths after 600 steps that these had halved after 250."""
CANDIDATES = 32
"""Draws of the prior for each walker, of which those that fit best begin: fewer leave them far from a narrow posterior."""


def sample_posterior(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    prior: Prior,
    *,
    draws: int,
    walkers: int,
    steps: int,
    seed: int,
) -> np.ndarray:
    """Draw parameters (draws, d) from a posterior.

    Arguments:
        log_likelihood: of parameters (n, d), (n,).
        prior: of the parameters.
        draws: from the walkers after every `steps` steps, each walker once, so that draws are nearly independent.
        walkers: of the ensemble, twice as many as parameters at least: fewer are made so many.
        steps: before the first draws, and between later ones.
        seed: of all random numbers.
    """
    generator = np.random.default_rng(seed)

    def log_posterior(z: np.ndarray) -> np.ndarray:
        return log_likelihood(prior.quantile(z)) - 0.5 * np.square(z).sum(-1)

    dimension = len(prior.names)
    start = _start(log_posterior, dimension, max(walkers, 2 * dimension), generator)
    moves = [(emcee.moves.DEMove(), DIFFERENCES), (emcee.moves.DESnookerMove(), 1 - DIFFERENCES)]
    sampler = emcee.EnsembleSampler(*start.shape, log_posterior, vectorize=True, moves=moves)
    state = emcee.State(start, random_state=np.random.RandomState(seed % 2**32).get_state())
    chunks = []
    while sum(map(len, chunks)) < draws:
        state = sampler.run_mcmc(state, steps, store=False)
        chunks.append(generator.permutation(state.coords))
    return prior.quantile(np.concatenate(chunks)[:draws])


def _start(
    log_posterior: Callable[[np.ndarray], np.ndarray],
    count: int,
    walkers: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw walkers from the prior by tempered weights, as cold as leaves that many of them different."""
    z = generator.standard_normal((CANDIDATES * walkers, count))
    log_weight = log_posterior(z) + 0.5 * np.square(z).sum(-1)
    low, high = 0.0, 1.0
    # Bisection of the temperature at which the effective number of candidates is that of the walkers.
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _effective(middle * log_weight) > walkers else (low, middle)
    scores = low * log_weight + generator.gumbel(size=len(z))
    return z[np.argsort(-scores)[:walkers]]


def _effective(log_weight: np.ndarray) -> float:
    """Number of equal weights that have the same variance."""
    return float(np.exp(2 * logsumexp(log_weight) - logsumexp(2 * log_weight)))
