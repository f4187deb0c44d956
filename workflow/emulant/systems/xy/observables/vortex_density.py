"""The density of vortices."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="vortex_density",
    symbol=r"\langle |n|\rangle",
    description="mean modulus of the vortex charge of a plaquette, of differences wrapped into [-pi, pi); twice the pairs",
    primaries=lambda view: np.abs(view.vortices).mean((1, 2))[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
