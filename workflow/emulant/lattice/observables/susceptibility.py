"""Susceptibility of the signed magnetisation, as in JHEP 05 (2024) 060."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="susceptibility",
    symbol=r"\chi_2",
    description="V (<M^2> - <M>^2), sign of M kept",
    primaries=lambda fields: np.stack([fields.magnetisation, fields.magnetisation**2], axis=1),
    value=lambda means, shape: np.prod(shape) * (means[..., 1:] - means[..., :1] ** 2),
    integrated=True,
)
