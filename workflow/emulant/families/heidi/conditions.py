"""Conditions of an event that the network and the flow are given: facts, number of particles, and cold nucleons."""

import numpy as np

from emulant.collisions.events import Events
from emulant.families.heidi.columns import facts_of
from emulant.families.heidi.kinds import COLD, kind_counts, kinds_of
from emulant.families.heidi.symmetry import Symmetry

__all__ = ["CONDITIONS", "MOMENTA", "SUMS", "conditions_of", "scales_of"]

CONDITIONS = 8
"""Impact parameter, spectators, sums of px, py, pz and E, particles, cold nucleons; the first six are `facts_of`."""

MOMENTA, SUMS = slice(2, 5), slice(2, 6)
"""Columns of the sums of momenta, and of momenta and energy, among facts and conditions."""

CONSTANT = 1e-6
"""Relative deviation below which a condition counts as constant: far above the rounding of a float64 sum."""


def conditions_of(counts: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """Return the conditions of events in their own units, (N, CONDITIONS).

    Arguments:
        counts: particles of each kind, (N, KINDS).
        facts: as of `facts_of`, (N, 6).
    """
    return np.column_stack([facts, counts.sum(axis=1), counts[:, COLD].sum(axis=1)]).astype(float)


def scales_of(events: Events, beam: float, symmetry: Symmetry) -> np.ndarray:
    """Compute mean and standard deviation of the conditions of training events, (2, CONDITIONS).

    What is odd under a symmetry has mean zero, and what is constant the deviation one.

    Arguments:
        events: of training.
        beam: rapidity of the nuclei.
        symmetry: of their distribution.
    """
    conditions = conditions_of(kind_counts(kinds_of(events, beam), events), facts_of(events))
    odd = np.min(symmetry.images, axis=0) < 0
    conditions[:, MOMENTA] -= np.where(odd, conditions[:, MOMENTA].mean(axis=0), 0)
    spread = conditions.std(axis=0)
    # What is constant but for rounding stays near zero.
    varies = spread > CONSTANT * (1 + np.abs(conditions).max(axis=0))
    return np.stack([conditions.mean(axis=0), np.where(varies, spread, 1)])
