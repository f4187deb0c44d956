"""The specific heat."""

import math

import numpy as np

from emulant.contracts.observable import Observable


def primaries(view: object) -> np.ndarray:
    """S / V and its square, (n, 2)."""
    density = view.action / view.volume
    return np.stack([density, density**2], 1)


observable = Observable(
    name="specific_heat",
    symbol=r"C/V",
    description="beta^2 (<E^2> - <E>^2) / V, in units of k_B for each site",
    primaries=primaries,
    value=lambda means, shape: math.prod(shape) * (means[..., 1:] - means[..., :1] ** 2),
    unit="1",
    integrated=True,
)
