"""Impact parameters of events that users bring: known or not, and held against those of the collision."""

from pathlib import Path

import numpy as np

from emulant.collisions.events import Events
from emulant.errors import InputError

__all__ = ["check_impacts", "known_impacts"]

ROUNDING = 0.01
"""fm by which an impact parameter may lie outside the collision's: files print two digits or more."""


def known_impacts(impact: np.ndarray) -> np.ndarray:
    """Return impact parameters in fm, NaN where negative: generators write -1 or -9999 for an unknown one."""
    return np.where(impact < 0, np.nan, impact)


def check_impacts(file: str | Path, events: Events, allowed: tuple[float, float]) -> None:
    """Raise InputError for the first event whose impact parameter is known and outside [lowest, highest] in fm."""
    impact, (lowest, highest) = events.facts["impact_parameter"], allowed
    outside = np.flatnonzero((impact < lowest - ROUNDING) | (impact > highest + ROUNDING))
    if len(outside):
        first, interval = outside[0], f"{lowest:g}" if lowest == highest else f"{lowest:g} to {highest:g}"
        expected = f"{interval} fm, the `impact` of the system"
        raise InputError(
            file, f"impact_parameter, event {events.number[first]}", expected, f"{impact[first]:g}"
        )
