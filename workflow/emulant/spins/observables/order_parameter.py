"""The modulus of the magnetisation."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="order_parameter",
    symbol=r"\langle |M|\rangle",
    description="mean over configurations of |M|, M the mean of all spins, for angles the vector",
    primaries=lambda view: view.order[:, None],
    value=lambda means, shape: means,
    unit="1",
    integrated=True,
)
