"""What the matter of a run is: equation of state, transport, and limits of a cell."""

from typing import Any, NamedTuple

from emulant.hydro.primitives import Limits
from emulant.hydro.sources import DNMR, Coupling
from emulant.hydro.table import Table

__all__ = ["ORDERS", "Matter", "components_of"]

ORDERS = {3: ((0, 1, 2), (0, 2, 1)), 6: ((0, 1, 2, 3, 4, 5), (0, 2, 1, 5, 4, 3))}
"""Components of a cell, (e, u_a, u_b, pi^aa, pi^ab, pi^bb), for a = x and for a = y."""
FLOOR = 1e-10
"""Energy density of vacuum in GeV / fm^3, ten orders below the switching energy."""
TOLERANCE = 1e-8
"""Of the speed in double precision; steps shrink sevenfold or more, so a step conserves energy to 10^-9."""


class Matter(NamedTuple):
    """Properties of the fluid of a run.

    Attributes:
        table: equation of state.
        viscosity: eta / s; of a batch of tensors (N, 1, 1).
        coupling: terms of second order of shear.
        limits: bounds of a cell.
        hot: energy density above which cells count as hot, GeV / fm^3.
    """

    table: Table
    viscosity: Any
    coupling: Coupling = DNMR
    limits: Limits = Limits(FLOOR, TOLERANCE, 1.0)
    hot: float = 0.0


def components_of(viscosity: float) -> int:
    """Count the components of a cell: e and u of an ideal fluid, where shear has no equation, and else shear too."""
    return 3 if viscosity == 0 else 6
