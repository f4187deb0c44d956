"""Errors of measured values, as a user's settings say them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.errors import InputError

__all__ = ["covariance_of"]


def covariance_of(settings: Mapping[str, Any], count: int) -> np.ndarray:
    """Add squares of `errors` and `covariance`, (count, count); zero where neither is said.

    Raises:
        InputError: for another size, or a covariance that is not symmetric or has an eigenvalue below zero, which it names.
    """
    errors = np.asarray(settings.get("errors", np.zeros(count)), dtype=np.float64)
    covariance = np.asarray(settings.get("covariance", np.zeros((count, count))), dtype=np.float64)
    for name, array, shape in (("errors", errors, (count,)), ("covariance", covariance, (count, count))):
        if array.shape != shape:
            raise InputError("studies", f"measured.{name}", f"numbers of shape {shape}", array.shape)
    if not np.allclose(covariance, covariance.T):
        raise InputError("studies", "measured.covariance", "a symmetric matrix", "one that is not")
    least = float(np.linalg.eigvalsh(covariance)[0])
    if least < -1e-9 * max(np.abs(covariance).max(), 1e-300):
        raise InputError("studies", "measured.covariance", "eigenvalues of zero or more", f"{least:.3g}")
    return covariance + np.diag(errors**2)
