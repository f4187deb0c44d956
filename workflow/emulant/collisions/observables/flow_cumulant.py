"""Elliptic flow from correlations of two and four particles."""

from emulant.collisions.declarations import of_events
from emulant.collisions.flow import flow_cumulants, tuple_sums

observable = of_events(
    "flow_cumulant",
    r"c_2(n)",
    "cumulants of azimuthal correlations with their signs; index n, the number of particles",
    tuple_sums,
    flow_cumulants,
    (2, 4),
    correlated=True,
)
