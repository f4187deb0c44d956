"""Conserved sums of momentum, energy and charges of events, and net charges in windows."""

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
"""Decimal digits of sums in GeV, to an MeV: generators that conserve exactly differ from each other only by rounding."""


def charges_of_nuclei(parameters: Mapping[str, Any]) -> dict[str, int]:
    """Return B, Q and S of a whole event, from `projectile` and `target` [mass number, charge] of a collision system."""
    nuclei = (parameters["projectile"], parameters["target"])
    return dict(zip(CHARGE_NAMES, (*map(sum, zip(*nuclei, strict=True)), 0), strict=True))


def event_totals(events: Events) -> np.ndarray:
    """Sum px, py, pz, E (GeV), B, Q and S over all particles of each event; (N, 7), in the order of TOTALS."""
    return np.column_stack([events.sums(events.momenta), events.sums(events.charges)])


def net_charges(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Return net baryon number, charge and strangeness in a window, (N, 3)."""
    accepted = window(events)
    return accepted.sums(accepted.charges)


def net_charge_powers(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Return the powers of net charges from which `counts.cumulants_of` computes C_1 ... C_4, (N, 12)."""
    return powers(net_charges(events, window))


def rounded_totals(events: Events) -> np.ndarray:
    """Round `event_totals` to an MeV, (N, 7)."""
    # Adding 0.0 turns -0.0 into 0.0.
    return event_totals(events).round(DIGITS) + 0.0


def sum_spread(cumulants: np.ndarray) -> np.ndarray:
    """Compute mean and standard deviation over events, (..., 2), from C_1 ... C_4 of a sum, (..., 4).

    A relative spread below 1e-6 (an MeV in a TeV) is lost in the rounding of squares and counts as zero, and the mean is
    rounded to 1e-6 (GeV: a keV). A sum that is equal in all events then has the same mean for any number of events.
    """
    mean, variance = cumulants[..., 0], cumulants[..., 1]
    spread = np.sqrt(np.where(variance > 1e-12 * mean**2, variance, 0.0))
    return np.stack([mean.round(2 * DIGITS), spread], axis=-1)


def violations(events: Events, charges: tuple[int, int, int]) -> np.ndarray:
    """Return the mask of events whose B, Q and S differ from `charges`, (N, 3)."""
    return events.sums(events.charges) != np.asarray(charges)
