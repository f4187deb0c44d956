"""The magnetisation, zero by symmetry in a finite volume."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="magnetisation",
    symbol=r"\langle M \rangle",
    description="mean field M = sum_x phi(x) / V, sign kept",
    primaries=lambda fields: fields.magnetisation[:, None],
    value=lambda means, shape: means,
    integrated=True,
)
