"""Principal components of observables in units of what a linear function of the design leaves of them."""

from typing import NamedTuple

import numpy as np

from emulant.errors import InputError

__all__ = ["PrincipalComponents", "nonlinear_parts", "principal_components"]

LEAST = 1e-3
"""Least unit in standard deviations of an observable: an exactly linear one has none."""


class PrincipalComponents(NamedTuple):
    """A linear map between m observables and k components.

    Attributes:
        mean, scale: of each observable, (m,): its mean over the design, its unit.
        components: orthonormal rows, (k, m).
    """

    mean: np.ndarray
    scale: np.ndarray
    components: np.ndarray

    def project(self, observables: np.ndarray) -> np.ndarray:
        """Map observables (n, m) to components (n, k)."""
        return (observables - self.mean) / self.scale @ self.components.T

    def projected_variance(self, errors: np.ndarray) -> np.ndarray:
        """Map independent errors of observables (n, m) to variances of components (n, k)."""
        return np.square(errors / self.scale) @ np.square(self.components.T)

    def restore(self, values: np.ndarray) -> np.ndarray:
        """Map components (n, k) to observables (n, m)."""
        return values @ self.components * self.scale + self.mean

    def restored_covariance(self, variances: np.ndarray) -> np.ndarray:
        """Map independent variances of components (n, k) to covariances of observables (n, m, m)."""
        rows = self.components * self.scale
        return (rows.T * variances[:, None]) @ rows


def nonlinear_parts(design: np.ndarray, observables: np.ndarray) -> np.ndarray:
    """Deviation of observables (n, m) from a linear function of parameters (n, d), (m,): their noise, and their curvature.

    In these units observables that are known well do not share components with noisy ones, which would hide them.
    """
    columns = np.column_stack([np.ones(len(design)), design])
    residuals = observables - columns @ np.linalg.lstsq(columns, observables, rcond=None)[0]
    left = np.sqrt(np.square(residuals).sum(0) / max(len(design) - columns.shape[1], 1))
    return np.maximum(left, LEAST * observables.std(0))


def principal_components(observables: np.ndarray, scale: np.ndarray, count: int) -> PrincipalComponents:
    """Find the first `count` components of observables (n, m) in units of `scale` (m,).

    Raises:
        InputError: for an observable that is the same at all design points.
    """
    mean, deviation = observables.mean(0), observables.std(0)
    if not (deviation > 0).all():
        raise InputError(
            "emulator",
            "observables",
            "observables that differ between design points",
            int(np.argmin(deviation)),
        )
    components = np.linalg.svd((observables - mean) / scale, full_matrices=False)[2][:count]
    return PrincipalComponents(mean, scale, components)
