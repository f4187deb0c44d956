"""The even cumulants of the marginal in y."""

from emulant.observables import Observable
from emulant.statistics.cumulants import cumulants

observable = Observable(
    name="kappa_y",
    symbol=r"\kappa_n(y)",
    description="cumulants of y, symmetric under y -> -y, kappa_2 = <y^2>; index n",
    primaries=lambda points: points.powers(1),
    value=lambda means, shape: cumulants(means)[..., 1::2],
    indices=lambda shape: (2, 4, 6, 8),
    correlated=True,
    real_only=True,
)
