"""An emulator of a vector of observables: principal components, each of them a Gaussian process.

The covariance of a prediction has two parts: what the processes do not know at this point, and what they cannot know. The
second is measured in the space of the observables, on design points that were left out, or on further ones that no process
saw: statistical noise with all its correlations, and the components that were not kept.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular

from emulant.errors import InputError
from emulant.inference.emulation.gaussian_process import (
    GaussianProcess,
    Stacked,
    fit_gaussian_process,
    stacked,
)
from emulant.inference.emulation.principal import (
    PrincipalComponents,
    nonlinear_parts,
    principal_components,
)
from emulant.inference.emulation.residuals import shrunk_covariance

__all__ = ["ObservableEmulator", "fit_emulator", "left_out", "log_likelihood"]

SMALLEST = 1e-8
"""Least variance of a direction in units of the observables' variances: covariances must have an inverse."""


@dataclass(frozen=True)
class ObservableEmulator:
    """Observables as functions of parameters.

    Arguments:
        components: of the observables.
        processes: one for each component.
        remainder: covariance of a design value beyond what the processes predict and its statistical error, (m, m).
    """

    components: PrincipalComponents
    processes: tuple[GaussianProcess, ...]
    remainder: np.ndarray

    def predict(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict observables of parameters (q, d): mean (q, m), and covariance (q, m, m) of a value there.

        Statistical errors that the fit was told are not in it: whoever compares adds those of the other side.
        """
        means, variances = self.predict_components(points)
        covariance = self.components.restored_covariance(variances) + self.remainder
        return self.components.restore(means), covariance

    def predict_components(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict means and variances of the components of parameters (q, d), (q, k) each."""
        return self.stack.predict(points)

    @cached_property
    def stack(self) -> Stacked:
        """All processes together."""
        return stacked(self.processes)


def fit_emulator(
    design: np.ndarray,
    observables: np.ndarray,
    errors: np.ndarray | None = None,
    *,
    components: int,
    kernel: str = "rbf",
    seed: int = 0,
    further: tuple[np.ndarray, np.ndarray] | None = None,
) -> ObservableEmulator:
    """Fit an emulator to design points.

    Arguments:
        design: parameters (n, d), in units of order one.
        observables: (n, m).
        errors: statistical errors of the observables, (n, m), none where left out.
        components: principal components, at most m.
        kernel: name in `gaussian_process.KERNELS`.
        seed: of the fits.
        further: points (q, d) and observables (q, m) that no process sees, and that measure what is left where there are
            more of them than of the design; errors must be of the same size there.

    Raises:
        InputError: for fewer design points than parameters, or numbers that are not finite, naming the design point.
    """
    if len(design) <= design.shape[1]:
        raise InputError(
            "emulator", "design", f"more design points than {design.shape[1]} parameters", len(design)
        )
    for name, numbers in (("design", design), ("observables", observables)):
        bad = ~np.isfinite(numbers).all(axis=1)
        if bad.any():
            raise InputError(
                "emulator", name, "finite numbers", f"NaN or infinity at design point {int(np.argmax(bad))}"
            )
    units = nonlinear_parts(design, observables)
    principal = principal_components(observables, units, min(components, observables.shape[1]))
    values = principal.project(observables)
    variances = np.zeros_like(values) if errors is None else principal.projected_variance(errors)
    processes = tuple(
        fit_gaussian_process(design, column, variance, kernel=kernel, seed=seed)
        for column, variance in zip(values.T, variances.T, strict=True)
    )
    remainder = _remainder(principal, processes, observables, errors)
    if further is not None and len(further[0]) > len(design):
        mean, uncertain = ObservableEmulator(principal, processes, np.zeros_like(remainder)).predict(
            further[0]
        )
        difference = further[1] - mean
        statistical = 0.0 if errors is None else np.diag(np.square(errors).mean(0))
        covariance = shrunk_covariance(difference) - uncertain.mean(0) - statistical
        remainder = _positive(covariance, principal.scale)
    return ObservableEmulator(principal, processes, remainder)


def left_out(
    principal: PrincipalComponents,
    processes: tuple[GaussianProcess, ...],
    observables: np.ndarray,
    errors: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predict each design point without its own value.

    Returns:
        Residuals of the observables, (n, m); variances of the components that the processes do not know there, (n, k); and
        weights (n,), small at the edge of the design, where left-out processes know little and say little of the rest.
    """
    residuals, variances = (
        np.stack(part, axis=-1) for part in zip(*(process.left_out() for process in processes), strict=True)
    )
    white = np.array([process.white for process in processes])
    statistical = 0.0 if errors is None else principal.projected_variance(errors)
    difference = observables - principal.restore(principal.project(observables) - residuals)
    return difference, np.maximum(variances - white - statistical, 0.0), (white / variances).mean(1)


def _remainder(
    principal: PrincipalComponents,
    processes: tuple[GaussianProcess, ...],
    observables: np.ndarray,
    errors: np.ndarray | None,
) -> np.ndarray:
    """Covariance of left-out design values beside their prediction, less what is known of its reasons.

    These are what the processes do not know there, and statistical errors.
    """
    difference, unknown, weights = left_out(principal, processes, observables, errors)
    weights = weights / weights.sum()
    weighted = difference * np.sqrt(len(difference) * weights)[:, None]
    covariance = shrunk_covariance(weighted) - principal.restored_covariance((weights @ unknown)[None])[0]
    if errors is not None:
        covariance -= np.diag(weights @ errors**2)
    return _positive(covariance, principal.scale)


def _positive(covariance: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Lift the eigenvalues of a covariance to SMALLEST in units of the observables' scales.

    A difference of covariances may have directions below zero, in which nothing is left but rounding.
    """
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    return vectors * np.maximum(values, SMALLEST) @ vectors.T * np.outer(scale, scale)


def log_likelihood(
    emulator: ObservableEmulator,
    points: np.ndarray,
    observation: np.ndarray,
    covariance: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Compute ln p(y | theta) of parameters (q, d), with the determinant, which depends on theta.

    What depends on theta is done in the space of the k components: with S = remainder + covariance, B the components and V
    their variances, the covariance S + B V B^T has its inverse and determinant from those of 1 + V^1/2 B^T S^-1 B V^1/2.

    Arguments:
        emulator: of the observables.
        points: parameters.
        observation: y, (m,).
        covariance: of the observation beyond the emulator's, (m, m).
    """
    means, variances = emulator.predict_components(points)
    parts, spread = emulator.components, np.sqrt(variances)
    root = np.linalg.cholesky(emulator.remainder + covariance)
    rows = solve_triangular(root, (parts.components * parts.scale).T, lower=True)
    start = solve_triangular(root, observation - parts.mean, lower=True)
    gram, projected = rows.T @ rows, rows.T @ start
    square = start @ start + np.einsum("qk,qk->q", means @ gram - 2 * projected, means)
    factor = np.linalg.cholesky(np.eye(len(gram)) + spread[:, :, None] * gram * spread[:, None])
    z = np.linalg.solve(factor, (spread * (projected - means @ gram))[..., None])[..., 0]
    log_determinant = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(-1) + np.log(np.diag(root)).sum()
    chi_squared = square - np.square(z).sum(-1)
    return -0.5 * chi_squared - log_determinant - 0.5 * len(observation) * np.log(2 * np.pi)
