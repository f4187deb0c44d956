"""The Schwinger-Dyson identity <phi dS/dphi> = 1, exact for every action in equilibrium."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="schwinger_dyson",
    symbol=r"\langle \phi\, \partial S / \partial \phi \rangle",
    description="mean over sites of phi dS/dphi, exactly 1",
    primaries=lambda fields: fields.virial[:, None],
    value=lambda means, shape: means,
    unit="1",
    integrated=True,
)
