"""The even cumulants of the marginal in x."""

from emulant.observables import Observable
from emulant.statistics.cumulants import cumulants

observable = Observable(
    name="kappa_x",
    symbol=r"\kappa_n(x)",
    description="cumulants of x, symmetric under x -> -x, kappa_2 = <x^2>; index n",
    primaries=lambda points: points.powers(0),
    value=lambda means, shape: cumulants(means)[..., 1::2],
    indices=lambda shape: (2, 4, 6, 8),
    correlated=True,
    real_only=True,
)
