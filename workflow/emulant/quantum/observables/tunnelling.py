"""The rate of tunnelling."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="tunnelling",
    symbol="n_k",
    description="kinks in a unit of time: changes between the outermost wells, each entered by a quarter of the way",
    primaries=lambda paths: paths.kinks[:, None] / paths.system.length,
    value=lambda means, shape: means,
    unit="natural units",
)
