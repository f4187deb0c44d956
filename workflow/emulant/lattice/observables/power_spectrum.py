"""Power spectrum in shells of momentum."""

from emulant.contracts.observable import Observable
from emulant.scalar.fields import mode_shells

observable = Observable(
    name="power_spectrum",
    symbol=r"\langle |\tilde\phi_k|^2 \rangle / V",
    description="mean over modes k = 2 pi n / L with |n| rounding to the index; mean field not subtracted",
    primaries=lambda fields: fields.power @ mode_shells(fields.shape),
    value=lambda means, shape: means,
    indices=lambda shape: tuple(range(mode_shells(shape).shape[1])),
    correlated=True,
)
