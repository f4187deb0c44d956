"""The topological susceptibility."""

import math

from emulant.contracts.observable import Observable

observable = Observable(
    name="topological_susceptibility",
    symbol=r"\langle Q^2\rangle/V",
    description="mean square of the topological charge for each plaquette",
    primaries=lambda view: view.charge[:, None] ** 2,
    value=lambda means, shape: means / math.prod(shape[1:]),
    integrated=True,
)
