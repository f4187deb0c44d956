"""The fluctuations of the charge."""

import math

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="charge_susceptibility",
    symbol=r"\chi_\rho",
    description="V (<n^2> - <n>^2) = dn / d mu",
    primaries=lambda view: np.stack([view.density, view.density**2], 1),
    value=lambda means, shape: math.prod(shape[1:]) * (means[..., 1:] - means[..., :1] ** 2),
    integrated=True,
)
