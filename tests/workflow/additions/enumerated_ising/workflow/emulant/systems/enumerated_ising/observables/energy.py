"""The energy per site."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="energy",
    symbol=r"\langle E \rangle",
    description="mean of -sum over bonds of s s' per site",
    primaries=lambda view: view.energy[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
