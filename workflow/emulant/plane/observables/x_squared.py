"""The mean of x²."""

from emulant.observables import Observable

observable = Observable(
    name="x_squared",
    symbol=r"\langle x^2\rangle",
    description="mean of x²",
    primaries=lambda points: points.complex_moments,
    value=lambda means, shape: means[..., -3:-2],
    integrated=True,
)
