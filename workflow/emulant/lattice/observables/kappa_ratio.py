"""The scale-free ratios of one-site cumulants."""

import numpy as np

from emulant.observables import Observable
from emulant.statistics.cumulants import cumulant_ratios, cumulants


def value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """kappa_n / kappa_2^(n/2) for n = 4, 6, 8."""
    return cumulant_ratios(cumulants(means))[..., 3::2]


observable = Observable(
    name="kappa_ratio",
    symbol=r"\kappa_n / \kappa_2^{n/2}",
    description="ratios of one-site cumulants, independent of the normalisation of phi; index n",
    primaries=lambda fields: fields.moments,
    value=value,
    indices=lambda shape: (4, 6, 8),
    unit="1",
    correlated=True,
    lattice_only=False,
)
