"""Rapidity and transverse-momentum spectra, and fluctuations of the mean transverse momentum."""

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
    """Compute dN/dy of each event, (N, bins); its mean over events is the spectrum."""
    accepted = window(events)
    return event_histogram(accepted, accepted.rapidity, edges) / np.diff(edges)


def pt_density(
    events: Events, edges: np.ndarray, window: Window = EVERYTHING, invariant: bool = False
) -> np.ndarray:
    """Compute dN/dpT of each event, (N, bins) in 1/GeV; if `invariant`, dN / (2 pi pT dpT) with the pT of each particle."""
    accepted = window(events)
    if not invariant:
        return event_histogram(accepted, accepted.pt, edges) / np.diff(edges)
    moving = accepted.where(accepted.pt > 0)
    return event_histogram(moving, moving.pt, edges, 1 / (2 * np.pi * moving.pt)) / np.diff(edges)


def pt_sums(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Return the primaries of `mean_pt`: sum of pT, then number, of each of the 26 species, (N, 52)."""
    accepted = window(events)
    edges = np.arange(len(SPECIES) + 1)
    return np.concatenate(
        [
            event_histogram(accepted, accepted.species, edges, accepted.pt),
            event_histogram(accepted, accepted.species, edges),
        ],
        axis=1,
    )


def mean_pt(means: np.ndarray) -> np.ndarray:
    """Compute <pT> in GeV of each species over all its particles, (..., 26), from the means of `pt_sums`; NaN if none."""
    total, number = np.split(means, 2, axis=-1)
    return total / np.where(number > 0, number, np.nan)


def event_mean_pt(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Return the primaries of `mean_pt_spread`: 1, [pT] and [pT]^2 of each event, (N, 3); zeros for an empty event."""
    accepted = window(events)
    nonempty = accepted.counts > 0
    mean = accepted.sums(accepted.pt) / np.where(nonempty, accepted.counts, 1)
    return np.column_stack([nonempty, mean, mean**2]).astype(float)


def mean_pt_spread(means: np.ndarray) -> np.ndarray:
    """Compute mean and standard deviation over events of [pT] in GeV, (..., 2), from the means of `event_mean_pt`."""
    nonempty, first, second = np.moveaxis(means, -1, 0)
    nonempty = np.where(nonempty > 0, nonempty, np.nan)
    mean = first / nonempty
    return np.stack([mean, np.sqrt(np.maximum(second / nonempty - mean**2, 0))], axis=-1)


def pt_pairs(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Return the primaries of `dynamical_pt_covariance`, (N, 5).

    M, sum p, M (M - 1), (M - 1) sum p, and the sum of p_i p_j over i != j.
    """
    accepted = window(events)
    number, total, squares = accepted.sums(), accepted.sums(accepted.pt), accepted.sums(accepted.pt**2)
    return np.column_stack([number, total, number * (number - 1), (number - 1) * total, total**2 - squares])


def dynamical_pt_covariance(means: np.ndarray) -> np.ndarray:
    """Compute << (p_i - <<p>>) (p_j - <<p>>) >> over pairs i != j of an event, (...,) in GeV^2.

    All pairs of all events have the same weight. It is 0 for independent particles, whereas the standard deviation of the
    event mean is then sigma_p / sqrt(M) (STAR, Phys. Rev. C 72 (2005) 044902).
    """
    number, total, pairs, crossed, product = np.moveaxis(means, -1, 0)
    mean = total / np.where(number > 0, number, np.nan)
    return (product - 2 * mean * crossed + mean**2 * pairs) / np.where(pairs > 0, pairs, np.nan)
