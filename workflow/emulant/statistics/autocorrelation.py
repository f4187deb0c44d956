"""Errors of Markov chains by the Gamma method, through pyerrors.

U. Wolff, Comput. Phys. Commun. 156 (2004) 143 [hep-lat/0306017]. Convention:

    tau_int = 1/2 + sum_{t>=1} rho(t),

so independent configurations have tau_int = 0.5 and N of them count as N / (2 tau_int).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

__all__ = [
    "SHORTEST_CHAIN",
    "Estimate",
    "Mean",
    "fluctuations",
    "gamma_error",
    "gamma_mean",
    "integrated_time",
    "split_chains",
]

# pyerrors refuses shorter ones.
SHORTEST_CHAIN = 5


class Estimate(NamedTuple):
    """Values, their errors and their integrated autocorrelation times, each of shape (indices,)."""

    value: np.ndarray
    error: np.ndarray
    tau_int: np.ndarray


class Mean(NamedTuple):
    """A mean, its error, the integrated autocorrelation time, and the degrees of freedom of the error."""

    value: float
    error: float
    tau_int: float
    dof: float


def gamma_mean(chains: Sequence[np.ndarray]) -> Mean:
    """Compute the mean of all chains and its error.

    The variance summed over a window of W steps has the relative variance 2 (2 W + 1) / N (hep-lat/0306017, eq. 42), that
    of N / (2 W + 1) degrees of freedom. Half of them are counted: the window is chosen from the same noise, too short where
    tau_int comes out too small, and with N = 6 tau_int Student's tail is otherwise exceeded five times too often.

    Arguments:
        chains: one array (n,) per chain, each n >= 5.
    """
    pooled = np.concatenate(chains)
    mean = pooled.mean()
    error, tau, _, window = _gamma([chain - mean for chain in chains])
    return Mean(float(mean), error, tau, len(pooled) / (4 * window + 2))


def integrated_time(series: np.ndarray) -> tuple[float, float]:
    """Compute the integrated autocorrelation time of one quantity.

    Arguments:
        series: shape (chains, n), equally spaced in Monte Carlo time, n >= 5; fluctuations are taken about
            the mean of all chains.

    Returns:
        tau_int and its error, in units of the spacing; (0.5, 0) where nothing fluctuates.
    """
    series = np.atleast_2d(np.asarray(series, dtype=float))
    _, tau, error, _ = _gamma(list(series - series.mean()))
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


def _gamma(fluctuations: list[np.ndarray]) -> tuple[float, float, float, int]:
    """Compute error of the mean, tau_int, its error and the window from fluctuations about the mean of all chains."""
    import pyerrors  # takes seconds, and most users of this module do not need it

    if min(map(len, fluctuations)) < SHORTEST_CHAIN:
        raise ValueError(f"the Gamma method needs chains of at least {SHORTEST_CHAIN} configurations")
    names = [f"chain|{i:06d}" for i in range(len(fluctuations))]
    observable = pyerrors.Obs(fluctuations, names, means=[0.0] * len(names))
    observable.gamma_method()
    results = (observable.e_tauint, observable.e_dtauint, observable.e_windowsize)
    tau, error, window = (result["chain"] for result in results)
    return observable.dvalue, float(tau), float(error), int(window)
