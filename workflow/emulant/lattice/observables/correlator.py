"""Connected two-point function along the axes."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.scalar.fields import Fields, axis_correlations


def primaries(fields: Fields) -> np.ndarray:
    """Return M, then phi(x) phi(x + r e) averaged over sites and axes for r = 0, 1, ..., (N, 1 + distances)."""
    return np.column_stack([fields.magnetisation, fields.power @ axis_correlations(fields.shape)])


observable = Observable(
    name="correlator",
    symbol=r"G(r)",
    description="on-axis <phi(x) phi(x+r)> - <M>^2 with the signed mean of the ensemble; index r",
    primaries=primaries,
    value=lambda means, shape: means[..., 1:] - means[..., :1] ** 2,
    indices=lambda shape: tuple(range(axis_correlations(shape).shape[1])),
    correlated=True,
)
