"""Markov chains of a posterior by emcee (D. Foreman-Mackey et al., arXiv:1202.3665).

They move in the standard normal variables of the prior, in which no step leads outside.
"""

from collections.abc import Callable

import emcee
import numpy as np
from scipy.special import logsumexp

from emulant.inference.priors import Prior

__all__ = ["sample_posterior"]

WHOLE = 0.1
"""Share of steps by whole differences of two walkers, which lead from peak to peak; the others are of the best length within
one (C. ter Braak, Stat. Comput. 16 (2006) 239). Of seven nearly degenerate parameters stretches left widths after 600 steps
that differences had halved after 250. Not the snooker move of emcee 3.1.6: its ratio of densities has half the power that
volumes need (its pull request 531), so that seven normal parameters have a variance of 0.64."""
CANDIDATES = 16
"""Points for each walker, of which those that fit best begin."""
ROUNDS = 24
"""Of candidates at most, each about the best of the last: seven nearly degenerate parameters, a hundredth of the prior wide,
need some eight until weights are even."""
FEWEST = 8
"""Effective candidates for each parameter, from which a covariance is measured."""
FREEDOM = 5
"""Degrees of freedom of Student's law about candidates: its tails are heavier than those of a posterior."""


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
    moves = [(emcee.moves.DEMove(), 1 - WHOLE), (emcee.moves.DEMove(gamma0=1.0), WHOLE)]
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
    """Draw walkers by rounds of importance sampling, (walkers, count).

    The first candidates are the prior's, others are drawn about the weighted candidates before (O. Cappe et al., J. Comput.
    Graph. Stat. 13 (2004) 907).
    """
    number = max(walkers, FEWEST * count)
    z = generator.standard_normal((CANDIDATES * walkers, count))
    log_weight = log_posterior(z) + 0.5 * np.square(z).sum(-1)
    for _ in range(ROUNDS):
        if _effective(log_weight) > number:
            break
        z, log_density = _about(z, _tempered(log_weight, number), generator)
        log_weight = log_posterior(z) - log_density
    scores = _tempered(log_weight, walkers) + generator.gumbel(size=len(z))
    return z[np.argsort(-scores)[:walkers]]


def _about(
    z: np.ndarray, log_weight: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw as many candidates from Student's law about weighted ones (n, d); returns its logarithm up to a constant."""
    weight = np.exp(log_weight - logsumexp(log_weight))
    mean = weight @ z
    root = np.linalg.cholesky((z - mean).T * weight @ (z - mean))
    noise = generator.standard_normal(z.shape)
    noise /= np.sqrt(generator.chisquare(FREEDOM, len(z)) / FREEDOM)[:, None]
    log_density = -0.5 * (FREEDOM + z.shape[1]) * np.log1p(np.square(noise).sum(-1) / FREEDOM)
    return mean + noise @ root.T, log_density


def _tempered(log_weight: np.ndarray, number: int) -> np.ndarray:
    """Weights as cold as leaves `number` effective ones; bisection of the temperature."""
    if _effective(log_weight) > number:
        return log_weight
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _effective(middle * log_weight) > number else (low, middle)
    return low * log_weight


def _effective(log_weight: np.ndarray) -> float:
    """Number of equal weights that have the same variance."""
    return float(np.exp(2 * logsumexp(log_weight) - logsumexp(2 * log_weight)))
