"""The scale-free ratios of one-site cumulants."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.statistics.cumulants import symmetric_cumulants


def value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Compute kappa_n / kappa_2^(n/2) for n = 4, 6, 8."""
    kappa = symmetric_cumulants(means)
    return kappa[..., 1:] / kappa[..., :1] ** np.array([2, 3, 4])


observable = Observable(
    name="kappa_ratio",
    symbol=r"\kappa_n / \kappa_2^{n/2}",
    description="ratios of one-site cumulants, independent of the normalisation of phi; index n",
    primaries=lambda fields: fields.moments[:, 1:],
    value=value,
    indices=lambda shape: (4, 6, 8),
    unit="1",
    correlated=True,
)
