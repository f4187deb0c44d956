"""The sixth moment at a site."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="sixth_moment",
    symbol=r"\langle \phi^6 \rangle",
    description="mean of phi^6 at one site",
    primaries=lambda fields: fields.moments[:, 3:4],
    value=lambda means, shape: means,
    integrated=True,
)
