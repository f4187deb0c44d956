"""Binder's cumulant."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="binder",
    symbol=r"U_L",
    description="1 - <|M|^4> / (3 <|M|^2>^2): 1/3 for Gaussian M of two components, 2/3 where its modulus is fixed",
    primaries=lambda view: np.stack([view.order**2, view.order**4], 1),
    value=lambda means, shape: 1 - means[..., 1:] / (3 * means[..., :1] ** 2),
    unit="1",
    integrated=True,
)
