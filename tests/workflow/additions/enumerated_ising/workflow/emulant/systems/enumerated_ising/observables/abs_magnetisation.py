"""The mean of |m|."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="abs_magnetisation",
    symbol=r"\langle |m_s| \rangle",
    description="mean of the modulus of the magnetisation of spins",
    primaries=lambda view: np.abs(view.magnetisation)[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
