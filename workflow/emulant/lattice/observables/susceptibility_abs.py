"""Susceptibility of the modulus of the magnetisation, finite in the broken phase."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="susceptibility_abs",
    symbol=r"\chi_{|M|}",
    description="V (<M^2> - <|M|>^2)",
    primaries=lambda fields: np.stack([np.abs(fields.magnetisation), fields.magnetisation**2], axis=1),
    value=lambda means, shape: np.prod(shape) * (means[..., 1:] - means[..., :1] ** 2),
    integrated=True,
)
