"""Windings of worldlines around the torus."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="winding_squared",
    symbol=r"\langle w_n^2\rangle",
    description="mean square of the winding number; index n, the direction, the last one is time",
    primaries=lambda view: view.windings**2,
    value=lambda means, shape: means,
    indices=lambda shape: tuple(range(1, shape[0] // 2 + 1)),
    unit="1",
)
