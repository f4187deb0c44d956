"""Distributions of particles in rapidity and transverse momentum, and fluctuations of the mean transverse momentum."""

import numpy as np

from emulant.collisions.events import Events
from emulant.collisions.species import SPECIES
from emulant.collisions.windows import EVERYTHING, Window, event_histogram

__all__ = [
    "dynamical_pt_covariance",
    "event_mean_pt",
    "mean_pt",
    "mean_pt_spread",
    "pt_density",
    "pt_pairs",
    "pt_sums",
    "rapidity_density",
]


def rapidity_density(events: Events, edges: np.ndarray, window: Window = EVERYTHING) -> np.ndarray:
    """dN/dy of each event, (N, bins); its mean over events is the spectrum."""
    seen = window(events)
    return event_histogram(seen, seen.rapidity, edges) / np.diff(edges)


def pt_density(
    events: Events, edges: np.ndarray, window: Window = EVERYTHING, invariant: bool = False
) -> np.ndarray:
    """dN/dpT of each event, (N, bins) in 1/GeV; `invariant` gives dN / (2 pi pT dpT), each particle with its own pT."""
    seen = window(events)
    if not invariant:
        return event_histogram(seen, seen.pt, edges) / np.diff(edges)
    moving = seen.where(seen.pt > 0)
    return event_histogram(moving, moving.pt, edges, 1 / (2 * np.pi * moving.pt)) / np.diff(edges)


def pt_sums(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Primaries of `mean_pt`: sum of pT, then number, of each of the 26 species, (N, 52)."""
    seen = window(events)
    edges = np.arange(len(SPECIES) + 1)
    return np.concatenate(
        [event_histogram(seen, seen.species, edges, seen.pt), event_histogram(seen, seen.species, edges)],
        axis=1,
    )


def mean_pt(means: np.ndarray) -> np.ndarray:
    """<pT> of each species over all its particles, (..., 26), from the means of `pt_sums`; NaN where there are none."""
    total, number = np.split(means, 2, axis=-1)
    return total / np.where(number > 0, number, np.nan)


def event_mean_pt(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Primaries of `mean_pt_spread`: 1, [pT] and [pT]^2 of each event with particles, zeros for one without, (N, 3)."""
    seen = window(events)
    some = seen.counts > 0
    mean = seen.sums(seen.pt) / np.where(some, seen.counts, 1)
    return np.column_stack([some, mean, mean**2]).astype(float)


def mean_pt_spread(means: np.ndarray) -> np.ndarray:
    """Mean and standard deviation over events of the event's mean [pT], (..., 2), from the means of `event_mean_pt`."""
    some, first, second = np.moveaxis(means, -1, 0)
    some = np.where(some > 0, some, np.nan)
    mean = first / some
    return np.stack([mean, np.sqrt(np.maximum(second / some - mean**2, 0))], axis=-1)


def pt_pairs(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Primaries of `dynamical_pt_covariance`: M, sum p, M (M - 1), (M - 1) sum p, and the sum of p_i p_j over i != j."""
    seen = window(events)
    number, total, squares = seen.sums(), seen.sums(seen.pt), seen.sums(seen.pt**2)
    return np.column_stack([number, total, number * (number - 1), (number - 1) * total, total**2 - squares])


def dynamical_pt_covariance(means: np.ndarray) -> np.ndarray:
    """<< (p_i - <<p>>) (p_j - <<p>>) >> over pairs i != j of an event, all pairs of all events alike, (...,) in GeV^2.

    0 for independent particles, unlike the spread of the event mean, which then is sigma_p / sqrt(M) (STAR,
    Phys. Rev. C 72 (2005) 044902).
    """
    number, total, pairs, crossed, product = np.moveaxis(means, -1, 0)
    mean = total / np.where(number > 0, number, np.nan)
    return (product - 2 * mean * crossed + mean**2 * pairs) / np.where(pairs > 0, pairs, np.nan)
