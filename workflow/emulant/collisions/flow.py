"""Anisotropic flow: from the reaction plane, which is the x axis, and from correlations of two and four particles.

A. Bilandzic, R. Snellings, S. Voloshin, Phys. Rev. C 83 (2011) 044913 [1010.0233]. Tuples of all events count alike.
Particles that go along the beam have no azimuth and are left out.
"""

import numpy as np

from emulant.collisions.events import Events
from emulant.collisions.windows import EVERYTHING, Window, event_histogram

__all__ = ["flow_cumulants", "plane_flow", "plane_sums", "signed_flow", "tuple_sums"]


def plane_sums(events: Events, harmonic: int, edges: np.ndarray, window: Window = EVERYTHING) -> np.ndarray:
    """Primaries of `plane_flow`: sum of cos n phi, then number, in each bin of rapidity, (N, 2 bins)."""
    seen = _with_azimuth(events, window)
    cosines = np.cos(harmonic * seen.phi)
    return np.concatenate(
        [event_histogram(seen, seen.rapidity, edges, cosines), event_histogram(seen, seen.rapidity, edges)],
        axis=1,
    )


def plane_flow(means: np.ndarray) -> np.ndarray:
    """v_n(y) = <cos n phi> of all particles in a bin, (..., bins); NaN where there are none."""
    cosines, number = np.split(means, 2, axis=-1)
    return cosines / np.where(number > 0, number, np.nan)


def tuple_sums(events: Events, harmonic: int = 2, window: Window = EVERYTHING) -> np.ndarray:
    """Primaries of `flow_cumulants`: sums over pairs and quadruples of different particles, and their numbers, (N, 4)."""
    seen = _with_azimuth(events, window)
    number = seen.sums()
    q, double = (
        seen.sums(np.cos(k * harmonic * seen.phi)) + 1j * seen.sums(np.sin(k * harmonic * seen.phi))
        for k in (1, 2)
    )
    size = np.abs(q) ** 2
    pairs = number * (number - 1)
    quadruples = pairs * (number - 2) * (number - 3)
    two = size - number
    four = size**2 + np.abs(double) ** 2 - 2 * np.real(double * np.conj(q) ** 2)
    four += -4 * (number - 2) * size + 2 * number * (number - 3)
    # With fewer than two or four particles there is no tuple, and the formula is not a sum over any.
    return np.column_stack([two * (number > 1), pairs, four * (number > 3), quadruples])


def flow_cumulants(means: np.ndarray) -> np.ndarray:
    """c_n{2} = <<2>> and c_n{4} = <<4>> - 2 <<2>>^2 with their signs, (..., 2), from the means of `tuple_sums`."""
    two, pairs, four, quadruples = np.moveaxis(means, -1, 0)
    second = two / np.where(pairs > 0, pairs, np.nan)
    fourth = four / np.where(quadruples > 0, quadruples, np.nan)
    return np.stack([second, fourth - 2 * second**2], axis=-1)


def signed_flow(cumulants: np.ndarray) -> np.ndarray:
    """v_n{2} and v_n{4}, (..., 2); negative where the cumulant has the sign that no flow can give it."""
    second, fourth = cumulants[..., 0], -cumulants[..., 1]
    return np.stack(
        [np.sign(second) * np.abs(second) ** (1 / 2), np.sign(fourth) * np.abs(fourth) ** (1 / 4)], axis=-1
    )


def _with_azimuth(events: Events, window: Window) -> Events:
    seen = window(events)
    return seen.where(seen.pt > 0)
