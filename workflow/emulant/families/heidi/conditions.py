"""Conditions of an event that the network and the flow are given: facts, number of particles, and cold nucleons."""

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from emulant.collisions.events import Events
from emulant.families.heidi.columns import facts_of
from emulant.families.heidi.kinds import COLD, kind_counts, kinds_of
from emulant.families.heidi.symmetry import Symmetry

__all__ = ["GRID", "MOMENTA", "SUMS", "conditions_of", "joined", "scales_of"]

CONDITIONS = 9
"""Impact parameter, spectators, sums of px, py, pz and E, particles, cold nucleons, rapidity of the nuclei."""

GRID = [0, CONDITIONS - 1]
"""Columns of the conditions at whose values maps and numbers are held."""

MOMENTA, SUMS = slice(2, 5), slice(2, 6)
"""Columns of the sums of momenta, and of momenta and energy, among facts and conditions."""

CONSTANT = 1e-6
"""Relative deviation below which a condition counts as constant: far above the rounding of a float64 sum."""


def conditions_of(counts: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """Return the conditions of events in their own units, (N, CONDITIONS).

    Arguments:
        counts: particles of each kind, (N, KINDS).
        facts: as of `facts_of`, (N, 7).
    """
    return joined(facts, np.column_stack([counts.sum(axis=1), counts[:, COLD].sum(axis=1)])).astype(float)


def joined(facts: Any, numbers: Any) -> Any:
    """Return conditions (N, CONDITIONS) of facts (N, 7) and numbers of particles and of cold nucleons (N, 2)."""
    xp = array_namespace(facts)
    return xp.concat([facts[:, :-1], numbers, facts[:, -1:]], axis=1)


def scales_of(events: Events, beam: np.ndarray | float, symmetry: Symmetry) -> np.ndarray:
    """Compute mean and standard deviation of those conditions that a network is given, (2, columns).

    These are all, without the rapidity of the nuclei where it is the same in all events. What is odd under a symmetry has
    mean zero, and what is constant the deviation one.

    Arguments:
        events: of training.
        beam: rapidity of the nuclei, of each event (N,) or of all.
        symmetry: of their distribution.
    """
    conditions = conditions_of(kind_counts(kinds_of(events, beam), events), facts_of(events, beam))
    odd = np.min(symmetry.images, axis=0) < 0
    conditions[:, MOMENTA] -= np.where(odd, conditions[:, MOMENTA].mean(axis=0), 0)
    spread = conditions.std(axis=0)
    # What is constant but for rounding stays near zero.
    varies = spread > CONSTANT * (1 + np.abs(conditions).max(axis=0))
    scales = np.stack([conditions.mean(axis=0), np.where(varies, spread, 1)])
    return scales if varies[-1] else scales[:, :-1]
