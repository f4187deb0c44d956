"""The real parts of the even cumulants of z = x + iy."""

from emulant.observables import Observable
from emulant.plane.moments import even_cumulants

observable = Observable(
    name="kappa_real",
    symbol=r"\Re\,\kappa_n",
    description="real part of the cumulants of z, symmetric under z -> -z; index n",
    primaries=lambda points: points.complex_moments,
    value=lambda means, shape: even_cumulants(means).real,
    indices=lambda shape: (2, 4, 6, 8),
    correlated=True,
    complex_only=True,
)
