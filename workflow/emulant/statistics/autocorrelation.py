"""Errors of Markov chains by the Gamma method, through pyerrors.

U. Wolff, Comput. Phys. Commun. 156 (2004) 143 [hep-lat/0306017]. Convention:

    tau_int = 1/2 + sum_{t>=1} rho(t),

so independent configurations have tau_int = 0.5 and N of them count as N / (2 tau_int).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["SHORTEST_CHAIN", "Estimate", "fluctuations", "gamma_error", "integrated_time", "split_chains"]

# pyerrors refuses shorter ones.
SHORTEST_CHAIN = 5


class Estimate(NamedTuple):
    """Values, their errors and their integrated autocorrelation times, each of shape (indices,)."""

    value: np.ndarray
    error: np.ndarray
    tau_int: np.ndarray


def integrated_time(series: np.ndarray) -> tuple[float, float]:
    """Compute the integrated autocorrelation time of one quantity.

    Arguments:
        series: shape (chains, n), equally spaced in Monte Carlo time, n >= 5; fluctuations are taken about
            the mean of all chains.

    Returns:
        tau_int and its error, in units of the spacing; (0.5, 0) where nothing fluctuates.
    """
    series = np.atleast_2d(np.asarray(series, dtype=float))
    _, tau, error = _gamma(list(series - series.mean()))
    return tau, error


def gamma_error(primaries: Sequence[np.ndarray], function: Callable[[np.ndarray], np.ndarray]) -> Estimate:
    """Compute a function of means and its error by the Gamma method, with all correlations of the primaries.

    The fluctuation of F(<a>) is projected to first order on delta = sum_k dF/da_k (a_k - <a_k>), whose
    autocorrelation function is then summed (hep-lat/0306017, eqs. 29-33).

    Arguments:
        primaries: one array (n, k) per chain; chains may differ in length, each has n >= 5.
        function: means (..., k) -> values (..., indices), smooth.
    """
    pooled = np.concatenate(primaries)
    ends = np.cumsum([len(chain) for chain in primaries])[:-1]
    chains = np.split(fluctuations(pooled, function), ends)
    rows = [_gamma([chain[:, i] for chain in chains])[:2] for i in range(chains[0].shape[1])]
    error, tau = np.array(rows).T
    return Estimate(np.asarray(function(pooled.mean(axis=0))), error, tau)


def fluctuations(primaries: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Linearise a function of means in the deviation of each configuration, shape (N, indices).

    Arguments:
        primaries: shape (N, k).
        function: means (..., k) -> values (..., indices), smooth.
    """
    means = primaries.mean(axis=0)
    error = primaries.std(axis=0) / np.sqrt(len(primaries))
    return (primaries - means) @ _jacobian(function, means, error).T


def split_chains(values: np.ndarray, chain: np.ndarray) -> list[np.ndarray]:
    """Split rows of `values` (N, ...) by their chain number (N,), in their order within each chain."""
    order = np.argsort(chain, kind="stable")
    starts = np.flatnonzero(np.diff(chain[order])) + 1
    return np.split(values[order], starts)


def _jacobian(function: Callable, means: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Differentiate by central differences over a tenth of the error of each mean, shape (indices, k)."""
    # A mean that does not fluctuate has no error to scale the step; its derivative then multiplies zero.
    step_without_error = np.where(means == 0, 1.0, 1e-3 * np.abs(means))
    step = np.where(error > 0, 0.1 * error, step_without_error)
    shift = np.diag(step)
    return ((function(means + shift) - function(means - shift)) / (2 * step[:, None])).T


def _gamma(fluctuations: list[np.ndarray]) -> tuple[float, float, float]:
    """Compute error of the mean, tau_int and its error from fluctuations about the mean of all chains."""
    import pyerrors  # takes seconds, and most users of this module do not need it

    if min(map(len, fluctuations)) < SHORTEST_CHAIN:
        raise ValueError(f"the Gamma method needs chains of at least {SHORTEST_CHAIN} configurations")
    names = [f"chain|{i:06d}" for i in range(len(fluctuations))]
    observable = pyerrors.Obs(fluctuations, names, means=[0.0] * len(names))
    observable.gamma_method()
    return observable.dvalue, float(observable.e_tauint["chain"]), float(observable.e_dtauint["chain"])
