"""The charge density."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="charge_density",
    symbol=r"\rho",
    description="charge for each site, (1/V) d ln Z / d mu, the mean of k in time",
    primaries=lambda view: view.density[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
