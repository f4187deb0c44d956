"""The susceptibility."""

import math

from emulant.contracts.observable import Observable

observable = Observable(
    name="susceptibility",
    symbol=r"\chi",
    description="V <|M|^2>; in two dimensions the mean of M vanishes",
    primaries=lambda view: view.order[:, None] ** 2,
    value=lambda means, shape: math.prod(shape) * means,
    unit="1",
    integrated=True,
)
