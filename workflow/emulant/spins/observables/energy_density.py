"""The energy for each site."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="energy_density",
    symbol=r"\langle E\rangle/V",
    description="mean energy for each site, S = beta E",
    primaries=lambda view: view.energy[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
