"""The modulus of the magnetisation, the order parameter of a finite volume."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="abs_magnetisation",
    symbol=r"\langle |M| \rangle",
    description="mean over configurations of |M|",
    primaries=lambda fields: np.abs(fields.magnetisation)[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
