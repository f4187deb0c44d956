"""Elliptic flow at each slice."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.kinetic.transport import SLICES
from emulant.systems.charge_transport.views import at_slice, quadrupole_sums

observable = Observable(
    name="elliptic_flow",
    symbol="v_{2,n}",
    description="<cos 2 phi> of charged particles at slice n from the reaction plane, from bins of azimuth",
    primaries=lambda pairs: np.concatenate(quadrupole_sums(pairs), axis=1),
    value=lambda means, shape: means[..., : len(SLICES)] / means[..., len(SLICES) :],
    indices=lambda shape: tuple(range(len(SLICES))),
    member=at_slice("v_2"),
    unit="",
    correlated=True,
)
