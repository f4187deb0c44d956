"""Directed flow relative to the reaction plane."""

from emulant.collisions.acceptance import RAPIDITY_EDGES
from emulant.collisions.declarations import bin_centre, of_events
from emulant.collisions.flow import plane_flow, plane_sums

observable = of_events(
    "directed_flow",
    r"v_1(y)",
    "<cos phi> from the reaction plane of all particles; its index is the number of the bin of rapidity, from 1",
    lambda events: plane_sums(events, 1, RAPIDITY_EDGES),
    plane_flow,
    tuple(range(1, len(RAPIDITY_EDGES))),
    correlated=True,
    member=lambda number: f"v_1(y={bin_centre(RAPIDITY_EDGES, number)})",
)
