"""Principal components of standardised observables."""

from typing import NamedTuple

import numpy as np

from emulant.errors import InputError

__all__ = ["PrincipalComponents", "principal_components"]


class PrincipalComponents(NamedTuple):
    """A linear map between m observables and k components of unit scale.

    Attributes:
        mean, scale: of each observable, (m,).
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


def principal_components(observables: np.ndarray, count: int) -> PrincipalComponents:
    """Find the first `count` components of observables (n, m).

    Raises:
        InputError: for an observable that is the same at all design points.
    """
    mean, scale = observables.mean(0), observables.std(0)
    if not (scale > 0).all():
        raise InputError(
            "emulator", "observables", "observables that differ between design points", int(np.argmin(scale))
        )
    components = np.linalg.svd((observables - mean) / scale, full_matrices=False)[2][:count]
    return PrincipalComponents(mean, scale, components)
