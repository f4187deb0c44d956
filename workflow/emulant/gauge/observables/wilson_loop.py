"""Wilson loops."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.gauge.loops import extents_of

observable = Observable(
    name="wilson_loop",
    symbol=r"W_k",
    description="mean over sites and orientations of the cosine about R x R or R x (R + 1) plaquettes; index k, the area",
    primaries=lambda view: np.stack([view.wilson_loop(*s) for s in extents_of(view.links.shape[1:])], 1),
    value=lambda means, shape: means,
    indices=lambda shape: tuple(short * long for short, long in extents_of(shape)),
    correlated=True,
)
