"""A Gaussian process of one number: scikit-learn finds its hyperparameters, prediction is two products of matrices."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

__all__ = ["KERNELS", "GaussianProcess", "Stacked", "fit_gaussian_process", "stacked"]

JITTER = 1e-8
"""Of the diagonal, in units of the variance of the values: rounding of a matrix with nearly equal rows."""
NEGLIGIBLE = 1e-7
"""Singular values of the design's whitened correlations, relative to the largest, without which variances of a smooth
process of 512 points stay what they are to a part in 10^7."""
BOUNDS = {"length": (1.0, 50.0), "amplitude": (1e-2, 1e3), "white": (1e-6, 1.0)}
"""In units of the design's and the values' deviations: longer is linear, shorter is noise. A uniform parameter is 3.5 wide;
lengths of a tenth, which likelihoods find in noise of 64 points of seven parameters, predict others worse."""


def _rbf(squared: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * squared)


def _matern(squared: np.ndarray) -> np.ndarray:
    distance = np.sqrt(5 * squared)
    return (1 + distance + distance**2 / 3) * np.exp(-distance)


KERNELS = {"rbf": _rbf, "matern": _matern}
"""Correlations as functions of the squared distance in units of the lengths; `matern` has nu = 5/2."""


@dataclass(frozen=True)
class GaussianProcess:
    """A posterior process at fixed hyperparameters.

    Arguments:
        kernel: name in KERNELS.
        design: (n, d).
        lengths: of each direction, (d,).
        amplitude, white: variances of the process and of the noise of a value.
        factor: lower Cholesky factor of the covariance of the values, (n, n).
        alpha: inverse of that covariance times the values, (n,).
        mean: of the values, taken out before the fit.
    """

    kernel: str
    design: np.ndarray
    lengths: np.ndarray
    amplitude: float
    white: float
    factor: np.ndarray
    alpha: np.ndarray
    mean: float

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict mean and variance of the process, without the noise of a value, at points (q, d), (q,) each."""
        mean, variance = stacked([self]).predict(points)
        return mean[:, 0], variance[:, 0]

    @cached_property
    def whitening(self) -> np.ndarray:
        """Directions (n, r) along which correlations with a point say what the design knows there.

        Smooth processes have few of them. What is left out, correlations that no point has, can only add to a variance.
        """
        scaled = self.design / self.lengths
        correlations = self.amplitude * KERNELS[self.kernel](_squared(scaled, scaled))
        whitened = solve_triangular(self.factor, correlations, lower=True, check_finite=False)
        directions, singular, _ = np.linalg.svd(whitened)
        directions = directions[:, singular > NEGLIGIBLE * singular[0]]
        return solve_triangular(self.factor, directions, lower=True, trans="T", check_finite=False)

    def left_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Residual of each value when it is left out of the design, and the variance that it then has, (n,) each."""
        variance = 1 / np.diag(cho_solve((self.factor, True), np.eye(len(self.alpha))))
        return self.alpha * variance, variance


class Stacked(NamedTuple):
    """Processes of one design side by side: a chain asks for a few points at a time, when calls cost more than sums.

    Attributes:
        kernel: name in KERNELS.
        lengths: (k, d).
        design: in units of the lengths, (k, n, d).
        amplitude, mean: (k,).
        alpha: (k, n).
        whitening: (k, n, r), columns of zero where a process has fewer directions.
    """

    kernel: str
    lengths: np.ndarray
    design: np.ndarray
    amplitude: np.ndarray
    mean: np.ndarray
    alpha: np.ndarray
    whitening: np.ndarray

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict means and variances at points (q, d), (q, k) each."""
        cross = self._correlated(points, self.design)
        mean = self.mean[:, None] + (cross @ self.alpha[..., None])[..., 0]
        explained = np.square(cross @ self.whitening).sum(-1)
        return mean.T, np.maximum(self.amplitude[:, None] - explained, 0.0).T

    def covariance(self, points: np.ndarray) -> np.ndarray:
        """Covariances between points (q, d) of what each process does not know, (k, q, q)."""
        explained = self._correlated(points, self.design) @ self.whitening
        whole = self._correlated(points, points / self.lengths[:, None])
        return whole - explained @ explained.swapaxes(-1, -2)

    def _correlated(self, points: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Covariances between points (q, d) and others in units of the lengths (k, p, d), (k, q, p)."""
        squared = _squared(points / self.lengths[:, None], others)
        return self.amplitude[:, None, None] * KERNELS[self.kernel](squared)


def stacked(processes: Sequence[GaussianProcess]) -> Stacked:
    """Stack processes of one kernel and one number of design points."""
    directions = max(process.whitening.shape[1] for process in processes)
    whitening = [
        np.pad(process.whitening, [(0, 0), (0, directions - process.whitening.shape[1])])
        for process in processes
    ]
    names = ("lengths", "amplitude", "mean", "alpha")
    columns = {name: np.stack([getattr(process, name) for process in processes]) for name in names}
    design = np.stack([process.design / process.lengths for process in processes])
    return Stacked(processes[0].kernel, design=design, whitening=np.stack(whitening), **columns)


def fit_gaussian_process(
    design: np.ndarray,
    values: np.ndarray,
    variances: np.ndarray,
    *,
    kernel: str,
    seed: int,
    start: GaussianProcess | None = None,
) -> GaussianProcess:
    """Fit hyperparameters by the marginal likelihood.

    Arguments:
        design: points (n, d) in units in which the process changes over lengths of order one.
        values: (n,).
        variances: of the statistical error of each value, (n,); noise beyond them is fitted.
        kernel: name in KERNELS.
        seed: of the optimiser's restarts.
        start: a process of nearly the same values, from whose hyperparameters the optimiser begins.
    """
    # The import takes a second, and only fits need it.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

    mean, unit = values.mean(), values.std()
    begin = (np.full(design.shape[1], 2.0), 1.0, 0.05)
    if start is not None:
        begin = (start.lengths, start.amplitude / unit**2, start.white / unit**2)
    scale, amplitude, white = (
        np.clip(value, *bounds) for value, bounds in zip(begin, BOUNDS.values(), strict=True)
    )
    lengths = {"length_scale": scale, "length_scale_bounds": BOUNDS["length"]}
    correlation = RBF(**lengths) if kernel == "rbf" else Matern(nu=2.5, **lengths)
    noise = WhiteKernel(white, BOUNDS["white"])
    covariance = ConstantKernel(amplitude, BOUNDS["amplitude"]) * correlation + noise
    regressor = GaussianProcessRegressor(
        covariance, alpha=variances / unit**2 + JITTER, n_restarts_optimizer=0, random_state=seed
    )
    with warnings.catch_warnings():
        # A length at its bound says that the value does not depend on this parameter, or linearly.
        warnings.simplefilter("ignore", ConvergenceWarning)
        regressor.fit(design, (values - mean) / unit)
    fitted = regressor.kernel_
    amplitude, white = unit**2 * fitted.k1.k1.constant_value, unit**2 * fitted.k2.noise_level
    lengths = np.broadcast_to(fitted.k1.k2.length_scale, design.shape[1]).copy()
    return conditioned(kernel, design, values, variances + JITTER * unit**2, lengths, amplitude, white)


def conditioned(
    kernel: str,
    design: np.ndarray,
    values: np.ndarray,
    variances: np.ndarray,
    lengths: np.ndarray,
    amplitude: float,
    white: float,
) -> GaussianProcess:
    """Condition a process with these hyperparameters on values with errors."""
    scaled = design / lengths
    covariance = amplitude * KERNELS[kernel](_squared(scaled, scaled)) + np.diag(variances + white)
    factor, mean = cholesky(covariance, lower=True), float(values.mean())
    alpha = cho_solve((factor, True), values - mean)
    return GaussianProcess(kernel, design, lengths, float(amplitude), float(white), factor, alpha, mean)


def _squared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Squared distances between rows, (..., q, n)."""
    squares = np.square(first).sum(-1)[..., None] + np.square(second).sum(-1)[..., None, :]
    return np.maximum(squares - 2 * first @ second.swapaxes(-1, -2), 0.0)
