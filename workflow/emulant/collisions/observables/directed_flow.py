"""Directed flow relative to the reaction plane."""

from emulant.collisions.acceptance import RAPIDITY_EDGES
from emulant.collisions.declarations import of_events
from emulant.collisions.flow import plane_flow, plane_sums

observable = of_events(
    "directed_flow",
    r"v_1(y)_n",
    "<cos phi> from the reaction plane of all particles; index n, the number of the bin of rapidity",
    lambda events: plane_sums(events, 1, RAPIDITY_EDGES),
    plane_flow,
    tuple(range(1, len(RAPIDITY_EDGES))),
    correlated=True,
)
