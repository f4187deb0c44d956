"""Anisotropic flow: from the reaction plane, which is the x axis, and from correlations of two and four particles.

A. Bilandzic, R. Snellings, S. Voloshin, Phys. Rev. C 83 (2011) 044913 [1010.0233]. All tuples of all events have the same
weight. Particles along the beam have no azimuth and are left out.
"""

import numpy as np

from emulant.collisions.events import Events
from emulant.collisions.windows import EVERYTHING, Window, event_histogram

__all__ = ["flow_cumulants", "plane_flow", "plane_sums", "signed_flow", "tuple_sums"]


def plane_sums(events: Events, harmonic: int, edges: np.ndarray, window: Window = EVERYTHING) -> np.ndarray:
    """Return the primaries of `plane_flow`: sum of cos n phi, then number, in each bin of rapidity, (N, 2 bins)."""
    accepted = _with_azimuth(events, window)
    cosines = np.cos(harmonic * accepted.phi)
    return np.concatenate(
        [
            event_histogram(accepted, accepted.rapidity, edges, cosines),
            event_histogram(accepted, accepted.rapidity, edges),
        ],
        axis=1,
    )


def plane_flow(means: np.ndarray) -> np.ndarray:
    """Compute v_n(y) = <cos n phi> of all particles in a bin, (..., bins); NaN for an empty bin."""
    cosines, number = np.split(means, 2, axis=-1)
    return cosines / np.where(number > 0, number, np.nan)


def tuple_sums(events: Events, harmonic: int = 2, window: Window = EVERYTHING) -> np.ndarray:
    """Return the primaries of `flow_cumulants`: sums over pairs and quadruples of different particles, and their numbers.

    Columns of (N, 4): sum over pairs, pairs, sum over quadruples, quadruples.
    """
    accepted = _with_azimuth(events, window)
    number = accepted.sums()
    q_n, q_2n = (
        accepted.sums(np.cos(k * harmonic * accepted.phi))
        + 1j * accepted.sums(np.sin(k * harmonic * accepted.phi))
        for k in (1, 2)
    )
    size = np.abs(q_n) ** 2
    pairs = number * (number - 1)
    quadruples = pairs * (number - 2) * (number - 3)
    two = size - number
    four = size**2 + np.abs(q_2n) ** 2 - 2 * np.real(q_2n * np.conj(q_n) ** 2)
    four += -4 * (number - 2) * size + 2 * number * (number - 3)
    # With fewer than two or four particles there are no tuples, and the formula does not vanish by itself.
    return np.column_stack([two * (number > 1), pairs, four * (number > 3), quadruples])


def flow_cumulants(means: np.ndarray) -> np.ndarray:
    """Compute c_n{2} = <<2>> and c_n{4} = <<4>> - 2 <<2>>^2, (..., 2), from the means of `tuple_sums`."""
    two, pairs, four, quadruples = np.moveaxis(means, -1, 0)
    second = two / np.where(pairs > 0, pairs, np.nan)
    fourth = four / np.where(quadruples > 0, quadruples, np.nan)
    return np.stack([second, fourth - 2 * second**2], axis=-1)


def signed_flow(cumulants: np.ndarray) -> np.ndarray:
    """Compute v_n{2} and v_n{4}, (..., 2); negative if the cumulant has a sign that flow cannot produce."""
    second, fourth = cumulants[..., 0], -cumulants[..., 1]
    return np.stack(
        [np.sign(second) * np.abs(second) ** (1 / 2), np.sign(fourth) * np.abs(fourth) ** (1 / 4)], axis=-1
    )


def _with_azimuth(events: Events, window: Window) -> Events:
    accepted = window(events)
    return accepted.where(accepted.pt > 0)
