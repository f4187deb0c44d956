"""The theory at a vacuum angle, which is the Fourier transform of the law of the topological charge."""

import math

import numpy as np

from emulant.contracts.observable import Observable

ANGLES = (1, 2, 3, 4)
"""Vacuum angles in units of pi / 4: at pi even and odd charges have opposite signs, and beyond it is symmetric.

They are judged one by one, as each is a mean over common charges; a combination may be a sector that few samples reach.
"""


observable = Observable(
    name="vacuum_angle",
    symbol=r"\langle\mathrm{cos}\,\theta_{k} Q\rangle",
    description="Z(theta) / Z(0), the mean of cos(theta Q) at theta = k pi / 4: the whole law of the charge; index k",
    primaries=lambda view: np.cos(np.outer(view.charge, np.array(ANGLES) * math.pi / 4)),
    value=lambda means, shape: means,
    indices=lambda shape: ANGLES,
)
