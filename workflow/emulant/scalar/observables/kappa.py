"""The even cumulants of the one-site distribution."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.statistics.cumulants import symmetric_cumulants


def value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Compute kappa_2, kappa_4, kappa_6, kappa_8 of the symmetrised distribution."""
    return symmetric_cumulants(means)


observable = Observable(
    name="kappa",
    symbol=r"\kappa_n",
    description="cumulants of phi at one site, symmetric under phi -> -phi, kappa_2 = <phi^2>; index n",
    primaries=lambda fields: fields.moments[:, 1:],
    value=value,
    indices=lambda shape: (2, 4, 6, 8),
    correlated=True,
)
