"""Numbers of an event that its orientation does not change, the columns of a bag."""

import numpy as np

from emulant.initial.eccentricity import centred, eccentricities
from emulant.initial.trento import InitialStates

__all__ = ["COLUMNS", "ECCENTRICITIES", "event_features"]

COLUMNS = ("e2^2", "e3^2", "e4^2", "e2^2 e4", "r^2", "multiplicity", "participants", "present")
"""|eps_n|^2 of n = 2, 3, 4, Re eps_2^2 eps_4*, the mean square radius in fm^2, multiplicity and participants over twice the
mass number; the last is 1 where a bag has an event."""
ECCENTRICITIES = (0, 1, 2)
"""Columns that know nothing of sizes: from them alone the sign of beta2 cannot be told."""


def event_features(states: InitialStates, nucleons: int) -> np.ndarray:
    """Compute the columns of events but for the last one, (N, 7).

    Arguments:
        states: the events.
        nucleons: of both nuclei.
    """
    eps = eccentricities(states.densities, states.spacing)
    radii = np.square(np.abs(centred(states.densities, states.spacing)))
    weight = states.densities / states.densities.sum((1, 2), keepdims=True)
    crossed = (eps[:, 0] ** 2 * eps[:, 2].conj()).real
    sizes = [(weight * radii).sum((1, 2)), states.multiplicity / nucleons, states.participants / nucleons]
    return np.column_stack([*np.square(np.abs(eps[:, :3])).T, crossed, *sizes])
