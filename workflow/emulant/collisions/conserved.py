"""What every event must keep: sums of momentum, energy and charges; and fluctuations of charges in windows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.collisions.counts import powers
from emulant.collisions.events import Events
from emulant.collisions.windows import EVERYTHING, Window

__all__ = [
    "CHARGE_NAMES",
    "TOTALS",
    "charges_of_nuclei",
    "event_totals",
    "net_charge_powers",
    "net_charges",
    "rounded_totals",
    "sum_spread",
    "violations",
]

CHARGE_NAMES = ("B", "Q", "S")
TOTALS = ("px", "py", "pz", "E", *CHARGE_NAMES)
DIGITS = 3
"""Sums are told to an MeV: what is exact in a cascade to rounding would else differ from what is exact to another."""


def charges_of_nuclei(parameters: Mapping[str, Any]) -> dict[str, int]:
    """B, Q and S of a whole event, from `projectile` and `target` [mass number, charge] of a collision system."""
    nuclei = (parameters["projectile"], parameters["target"])
    return dict(zip(CHARGE_NAMES, (*map(sum, zip(*nuclei, strict=True)), 0), strict=True))


def event_totals(events: Events) -> np.ndarray:
    """Sums of px, py, pz, E (GeV), B, Q and S over all particles of each event, (N, 7), in the order of TOTALS."""
    return np.column_stack([events.sums(events.momenta), events.sums(events.charges)])


def net_charges(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Net baryon number, charge and strangeness in a window, (N, 3); their C_1 ... C_4 by `counts.cumulants_of`."""
    seen = window(events)
    return seen.sums(seen.charges)


def net_charge_powers(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Primaries of the cumulants of net charges, (N, 12)."""
    return powers(net_charges(events, window))


def rounded_totals(events: Events) -> np.ndarray:
    """`event_totals` to an MeV, (N, 7)."""
    return event_totals(events).round(DIGITS) + 0.0


def sum_spread(found: np.ndarray) -> np.ndarray:
    """Mean and standard deviation over events, (..., 2), from C_1 ... C_4 of a sum, (..., 4).

    A spread that is lost in the rounding of squares, an MeV in a TeV, is none, and a mean is told to an eV: what is the same
    in every event is the same number however many there are.
    """
    mean, variance = found[..., 0], found[..., 1]
    spread = np.sqrt(np.where(variance > 1e-12 * mean**2, variance, 0.0))
    return np.stack([mean.round(2 * DIGITS), spread], axis=-1)


def violations(events: Events, charges: tuple[int, int, int]) -> np.ndarray:
    """Whether B, Q and S of each event differ from `charges`, (N, 3)."""
    return events.sums(events.charges) != np.asarray(charges)
