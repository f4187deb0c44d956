"""Binder cumulant, 0 for Gaussian M and 2/3 for M = +-v."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="binder",
    symbol=r"U_L",
    description="1 - <M^4> / (3 <M^2>^2), both means fluctuating in the error",
    primaries=lambda fields: np.stack([fields.magnetisation**2, fields.magnetisation**4], axis=1),
    value=lambda means, shape: 1 - means[..., 1:] / (3 * means[..., :1] ** 2),
    unit="1",
    integrated=True,
)
