"""The action per site."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="action_density",
    symbol=r"\langle S \rangle / V",
    description="mean action per site",
    primaries=lambda fields: fields.action[:, None] / fields.volume,
    value=lambda means, shape: means,
    integrated=True,
)
