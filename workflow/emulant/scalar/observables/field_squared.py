"""The mean squared field at a site."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="field_squared",
    symbol=r"\langle \phi^2 \rangle",
    description="mean of phi^2 at one site, mean not subtracted",
    primaries=lambda fields: fields.moments[:, 1:2],
    value=lambda means, shape: means,
    integrated=True,
)
