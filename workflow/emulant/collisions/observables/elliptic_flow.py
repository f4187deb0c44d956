"""Elliptic flow relative to the reaction plane."""

import numpy as np

from emulant.collisions.declarations import of_events
from emulant.collisions.flow import plane_flow, plane_sums

observable = of_events(
    "elliptic_flow",
    r"v_2",
    "<cos 2 phi> from the reaction plane of all particles at |y| < 2.4",
    lambda events: plane_sums(events, 2, np.array([-2.4, 2.4])),
    plane_flow,
    integrated=True,
)
