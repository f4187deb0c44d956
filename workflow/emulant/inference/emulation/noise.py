"""The noise of observables as a function of what is predicted for them.

N(theta) = D R D with a constant covariance R and deviations D = diag exp(a_j h_j), h_j the predicted mean of observable j in
deviations of the design: yields scatter by more where there are more particles. A table of equal noise has slopes a of zero.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from emulant.inference.emulation.residuals import Unseen

__all__ = ["NoiseLaw", "fitted_slopes"]

REACH = 3.0
"""Deviations from the design's mean to which the law is followed: beyond them there are no points that measured it."""
WIDTHS = (0.05, 0.1, 0.2, 0.4)
"""Widths of the normal prior of slopes that are tried: the widest lets noise double within two deviations."""
SURE = 1.0
"""Standard errors that are taken off what slopes gain on left-out points: where nothing is left there are none."""
LEAST = 0.05
"""Least share of the variance of a residual that is noise when the fit begins."""


class NoiseLaw(NamedTuple):
    """Noise of m observables.

    Attributes:
        covariance: R, (m, m).
        slopes: a, (m,).
        centre, spread: mean and deviation of the observables over the design, (m,).
    """

    covariance: np.ndarray
    slopes: np.ndarray
    centre: np.ndarray
    spread: np.ndarray

    def factors(self, means: np.ndarray) -> np.ndarray:
        """Deviations in units of R's at predicted means (q, m), (q, m)."""
        return np.exp(self.slopes * _heights(means, self.centre, self.spread))

    def at(self, means: np.ndarray) -> np.ndarray:
        """Covariances at predicted means (q, m), (q, m, m)."""
        factors = self.factors(means)
        return factors[:, :, None] * self.covariance * factors[:, None, :]


def fitted_slopes(unseen: Unseen, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Fit the slopes of each observable, (m,), by the penalised likelihood of left-out residuals.

    The width of their prior is that with which points of one fold are likeliest under a fit to the others, with caution.

    Arguments:
        unseen: residuals, which are the sum of noise, what processes do not know, and statistical errors.
        centre, spread: as of `NoiseLaw`.
    """
    heights, uncertain = _heights(unseen.means, centre, spread), unseen.known_variances()
    data = (unseen.residuals, uncertain, heights)
    gains = {width: _gain(data, unseen.folds, width) for width in WIDTHS}
    sure = {width: gain.mean() - SURE * gain.std() / np.sqrt(len(gain)) for width, gain in gains.items()}
    width = max(sure, key=sure.__getitem__)
    if sure[width] <= 0:
        return np.zeros(len(centre))
    return _fit(*data, width)[1]


def _heights(means: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Predicted means in deviations of the design."""
    return np.clip((means - centre) / spread, -REACH, REACH)


def _gain(data: tuple[np.ndarray, np.ndarray, np.ndarray], folds: np.ndarray, width: float) -> np.ndarray:
    """Log-likelihood of left-out points with slopes of this prior's width over that without, (n,)."""
    gain = np.empty(len(folds))
    for fold in np.unique(folds):
        rest, part = (tuple(values[rows] for values in data) for rows in (folds != fold, folds == fold))
        with_slopes, without = (_log_density(*part, *_fit(*rest, w)) for w in (width, None))
        gain[folds == fold] = (with_slopes - without).sum(1)
    return gain


def _log_density(
    residuals: np.ndarray,
    uncertain: np.ndarray,
    heights: np.ndarray,
    log_scale: np.ndarray,
    slopes: np.ndarray,
) -> np.ndarray:
    """Logarithm of the normal density of each residual (n, m) alone, up to a constant."""
    variances = uncertain + np.exp(2 * (log_scale + slopes * heights))
    return -0.5 * (np.log(variances) + residuals**2 / variances)


def _fit(
    residuals: np.ndarray, uncertain: np.ndarray, heights: np.ndarray, width: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Maximise the penalised likelihood of each observable's residuals over the logarithm of its scale and its slope.

    Arguments:
        residuals, uncertain, heights: (n, m); `uncertain` is the variance that is not noise.
        width: of the prior of slopes; there are none where it is None.
    """
    squares = np.square(residuals).mean(0)
    start = 0.5 * np.log(np.maximum(squares - uncertain.mean(0), LEAST * squares) + np.finfo(float).tiny)
    free = 0.0 if width is None else 1.0
    penalty = 0.0 if width is None else width**-2

    def minus_log_likelihood(values: np.ndarray) -> tuple[float, np.ndarray]:
        log_scale, slopes = values.reshape(2, -1)
        noise = np.exp(2 * (log_scale + slopes * heights))
        variances = uncertain + noise
        change = noise * (1 / variances - residuals**2 / variances**2)
        total = -_log_density(residuals, uncertain, heights, log_scale, slopes).sum()
        by_slope = free * ((change * heights).sum(0) + penalty * slopes)
        return total + 0.5 * penalty * slopes @ slopes, np.concatenate([change.sum(0), by_slope])

    begin = np.concatenate([start, np.zeros_like(start)])
    log_scale, slopes = minimize(minus_log_likelihood, begin, jac=True, method="L-BFGS-B").x.reshape(2, -1)
    return log_scale, slopes
