"""Half a turn about the y axis, which exchanges the nuclei: where both are the same, events look alike before and after."""

import numpy as np

from emulant.collisions.events import Events
from emulant.collisions.species import CHARGES
from emulant.collisions.system import Collision

__all__ = ["keeps_half_turn"]

LIMIT = 5.0


def keeps_half_turn(events: Events, system: Collision | None) -> bool:
    """Whether the law of events may be taken as the same after half a turn.

    The nuclei must be the same, and nothing in the events against it, as a frame or an acceptance of one side would be:
    mean sums over an event of rapidities, of baryons and of others, and of (px^2 - py^2) y, vanish within 5 errors.
    """
    if system is None or not system.equal_nuclei or len(events) < 2:
        return False
    px, py = events.momenta[:, :2].T
    baryon = CHARGES[events.species, 0] != 0
    odd = (events.rapidity * baryon, events.rapidity * ~baryon, (px**2 - py**2) * events.rapidity)
    sums = np.column_stack([events.sums(values) for values in odd])
    error = sums.std(axis=0, ddof=1) / np.sqrt(len(events))
    return bool(np.all(np.abs(sums.mean(axis=0)) <= LIMIT * error + 1e-9))
