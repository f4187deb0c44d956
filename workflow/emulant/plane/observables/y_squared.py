"""The mean of y²."""

from emulant.observables import Observable

observable = Observable(
    name="y_squared",
    symbol=r"\langle y^2\rangle",
    description="mean of y²",
    primaries=lambda points: points.complex_moments,
    value=lambda means, shape: means[..., -2:-1],
    integrated=True,
)
