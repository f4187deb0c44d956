"""The imaginary parts of the even moments of z = x + iy."""

from emulant.observables import Observable
from emulant.plane.moments import even_moments

observable = Observable(
    name="mu_imag",
    symbol=r"\Im\,\mu_n",
    description="imaginary part of <z^n>; index n",
    primaries=lambda points: points.complex_moments,
    value=lambda means, shape: even_moments(means).imag,
    indices=lambda shape: (2, 4, 6, 8),
    correlated=True,
    complex_only=True,
)
