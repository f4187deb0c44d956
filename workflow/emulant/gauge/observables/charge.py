"""The topological charge, whose mean vanishes as charge conjugation leaves the law alone."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="charge",
    symbol=r"\langle Q\rangle",
    description="mean topological charge; 0 by charge conjugation",
    primaries=lambda view: view.charge[:, None],
    value=lambda means, shape: means,
)
