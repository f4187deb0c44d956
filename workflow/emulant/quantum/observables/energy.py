"""The energy by the virial theorem."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="energy",
    symbol="E",
    description="mean of V + x V'/2 over the path: -d ln Z/d beta with the number of points fixed",
    primaries=lambda paths: paths.system.potential.virial(paths.values).mean(1)[:, None],
    value=lambda means, shape: means,
    unit="natural units",
    integrated=True,
)
