"""The covariance of noise that few residuals of many observables measure, beside what processes do not know."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.linalg import solve_triangular

__all__ = ["SMALLEST", "Unseen", "noise_covariance", "share_of_correlations"]

FOLDS = 8
"""Parts of the residuals, of which each is predicted by the others: an eighth less of them measures correlations as well."""
SHARES = (0.0, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Shares of the correlations that may go."""
SMALLEST = 1e-8
"""Least variance of a direction in units of the residuals' variances: covariances must have an inverse."""
ITERATIONS = 60
"""Of expectation and maximisation from residuals that are all noise, on the side of caution; 140 more change the likelihood
of a point with 123 observables by 0.06, and left-out deviations by a hundredth."""
TRUSTED = 10
"""Residuals as many as which a process' own variance counts."""


@dataclass(frozen=True)
class Unseen:
    """Points that no process saw when it predicted them.

    Attributes:
        means: predictions, (n, m).
        residuals: observables less predictions, (n, m).
        rows: what one deviation of what each process does not know adds to the observables, (n, m, k).
        statistical: variances of statistical errors that are known point by point, (n, m).
        folds: number of the part that a point was left out with, (n,).
    """

    means: np.ndarray
    residuals: np.ndarray
    rows: np.ndarray
    statistical: np.ndarray
    folds: np.ndarray

    def known_variances(self) -> np.ndarray:
        """Variances of residuals that are not noise, (n, m)."""
        return np.square(self.rows).sum(2) + self.statistical

    def divided(self, factors: np.ndarray) -> Self:
        """The same in units (n, m) of the observables, or (m,)."""
        return replace(
            self,
            residuals=self.residuals / factors,
            rows=self.rows / np.broadcast_to(factors, self.residuals.shape)[..., None],
            statistical=self.statistical / factors**2,
        )


def noise_covariance(unseen: Unseen) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the covariance R of the noise, (m, m), and factors (k,) of the processes' own variances.

    Residuals of a point are normal with covariance R + B V B^T, B V B^T what processes do not know there: R is likeliest by
    expectation and maximisation (A. P. Dempster et al., J. R. Stat. Soc. B 39 (1977) 1), so that points where processes know
    much measure the noise of directions that have hardly any. Its correlations are shrunk as `share_of_correlations` says.
    """
    scale = np.sqrt(np.square(unseen.residuals).mean(0))
    scale = np.where(scale > 0, scale, 1.0)
    white = unseen.divided(scale)
    residuals, rows, count = white.residuals, white.rows, len(white.residuals)
    share = share_of_correlations(residuals)
    covariance, factors = np.diag(np.square(residuals).mean(0) + SMALLEST), np.ones(rows.shape[2])
    for _ in range(ITERATIONS):
        weighted = np.linalg.inv(covariance) @ rows
        inner = np.linalg.inv(rows.swapaxes(1, 2) @ weighted + np.diag(1 / factors))
        amplitudes = (inner @ (weighted.swapaxes(1, 2) @ residuals[..., None]))[..., 0]
        noise = residuals - (rows @ amplitudes[..., None])[..., 0]
        spread = np.tensordot(rows @ inner, rows, axes=([0, 2], [0, 2]))
        covariance = less_correlated((noise.T @ noise + spread) / count, share)
        covariance += SMALLEST * np.eye(len(scale))
        squares = np.square(amplitudes).sum(0) + np.diagonal(inner, axis1=1, axis2=2).sum(0)
        factors = (squares + TRUSTED) / (count + TRUSTED)
    covariance -= np.diag(white.statistical.mean(0))
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.maximum(values, SMALLEST) @ vectors.T * np.outer(scale, scale), factors


def share_of_correlations(white: np.ndarray) -> float:
    """Choose the share of the correlations of residuals of unit variance (n, m) that goes.

    The inverse of a covariance that n residuals measured is too large by n / (n - m - 1), so that a likelihood with it
    would be too narrow. The share is that with which each fold of the residuals is likeliest under the covariance of the
    others.
    """
    varies = np.square(white).mean(0) > 0
    white, folds = white[:, varies], np.arange(len(white)) % FOLDS

    def likelihood(share: float) -> float:
        return sum(
            _mean_log_density(white[folds == n], less_correlated(_moments(white[folds != n]), share))
            for n in range(FOLDS)
        )

    return max(SHARES, key=likelihood)


def less_correlated(covariance: np.ndarray, share: float) -> np.ndarray:
    """A covariance whose variances stay, its correlations less a share."""
    return (1 - share) * covariance + share * np.diag(np.diag(covariance))


def _moments(white: np.ndarray) -> np.ndarray:
    """Second moments about zero."""
    return white.T @ white / len(white)


def _mean_log_density(values: np.ndarray, covariance: np.ndarray) -> float:
    """Mean of the log-density of a normal law, up to a constant; never likely where the covariance has no inverse."""
    try:
        factor = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return -np.inf
    scaled = solve_triangular(factor, values.T, lower=True)
    return float(-0.5 * np.square(scaled).sum(0).mean() - np.log(np.diag(factor)).sum())
