"""The Polyakov loop."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="polyakov_loop",
    symbol=r"\langle\Re\,P\rangle",
    description="mean of the cosine of the sum of links along a line in time; 0 by the shift of one layer of them",
    primaries=lambda view: np.cos(view.polyakov).mean(1)[:, None],
    value=lambda means, shape: means,
)
