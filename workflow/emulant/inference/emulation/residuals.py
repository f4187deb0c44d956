"""The covariance that few residuals of many observables measure."""

import numpy as np
from scipy.linalg import solve_triangular

__all__ = ["shrunk_covariance"]

FOLDS = 8
"""Parts of the residuals, of which each is predicted by the others: an eighth less of them measures correlations as well."""
SHARES = (0.0, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Shares of the correlations that may go."""


def shrunk_covariance(residuals: np.ndarray) -> np.ndarray:
    """Estimate the covariance of residuals (n, m) about zero, with correlations shrunk towards none, (m, m).

    The inverse of a covariance that n residuals measured is too large by n / (n - m - 1), so that a likelihood with it
    would be too narrow. Variances stay; the share of the correlations that goes is that with which each fold of the
    residuals is likeliest under the covariance of the others.
    """
    scale = np.sqrt(np.square(residuals).mean(0))
    varies = scale > 0
    if not varies.all():
        covariance = np.zeros((len(scale), len(scale)))
        covariance[np.ix_(varies, varies)] = shrunk_covariance(residuals[:, varies])
        return covariance
    white = residuals / scale
    folds = np.arange(len(white)) % FOLDS

    def likelihood(share: float) -> float:
        return sum(
            _mean_log_density(white[folds == n], _less_correlated(white[folds != n], share))
            for n in range(FOLDS)
        )

    return _less_correlated(white, max(SHARES, key=likelihood)) * np.outer(scale, scale)


def _less_correlated(white: np.ndarray, share: float) -> np.ndarray:
    """Second moments of residuals of unit variance, their correlations less a share."""
    moments = white.T @ white / len(white)
    return (1 - share) * moments + share * np.diag(np.diag(moments))


def _mean_log_density(values: np.ndarray, covariance: np.ndarray) -> float:
    """Mean of the log-density of a normal law, up to a constant; never likely where the covariance has no inverse."""
    try:
        factor = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return -np.inf
    scaled = solve_triangular(factor, values.T, lower=True)
    return float(-0.5 * np.square(scaled).sum(0).mean() - np.log(np.diag(factor)).sum())
