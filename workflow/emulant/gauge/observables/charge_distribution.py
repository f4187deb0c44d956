"""The law of the topological charge."""

import math

import numpy as np

from emulant.contracts.observable import Observable

SPREADS = 3
"""Standard deviations of free angles, whose charge spreads most, up to which probabilities are listed."""


def charges(shape: tuple[int, ...]) -> tuple[int, ...]:
    """List the charges that are counted; their variance is at most that of free angles, V / 12."""
    most = min(math.ceil(SPREADS * math.sqrt(math.prod(shape[1:]) / 12)), math.prod(shape[1:]) // 2)
    return tuple(range(-most, most + 1))


observable = Observable(
    name="charge_distribution",
    symbol=r"P(k)",
    description="probability of the topological charge; index k, the charge. Shown: a sector that a few samples reach has no"
    " Gaussian error, and the vacuum angle judges all of them together",
    primaries=lambda view: np.equal.outer(view.charge, charges(view.links.shape[1:])).astype(np.float64),
    value=lambda means, shape: means,
    indices=charges,
    judged=False,
)
