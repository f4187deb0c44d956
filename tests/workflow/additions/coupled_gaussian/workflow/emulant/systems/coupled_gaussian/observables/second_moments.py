"""The second moments."""

from emulant.contracts.observable import Observable

observable = Observable(
    name="second_moments",
    symbol=r"\langle x_i x_j \rangle_n",
    description="<x^2> (n = 1), <x y> (n = 2), <y^2> (n = 3)",
    primaries=lambda view: view[:, [0, 0, 1]] * view[:, [0, 1, 1]],
    value=lambda means, shape: means,
    indices=lambda shape: (1, 2, 3),
    correlated=True,
)
