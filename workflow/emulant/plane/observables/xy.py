"""The mean of xy."""

from emulant.observables import Observable

observable = Observable(
    name="xy",
    symbol=r"\langle x y\rangle",
    description="mean of xy",
    primaries=lambda points: points.complex_moments,
    value=lambda means, shape: means[..., -1:],
    integrated=True,
)
