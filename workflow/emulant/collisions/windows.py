"""Acceptance windows, and histograms of particles event by event."""

from dataclasses import dataclass

import numpy as np

from emulant.collisions.events import Events

__all__ = ["EVERYTHING", "Window", "event_histogram"]

AXES = ("rapidity", "eta", "pt")


@dataclass(frozen=True)
class Window:
    """Acceptance of particles: low <= value < high in the named variables.

    Attributes:
        rapidity, eta, pt: bounds, None for no cut.
        charged: only particles with electric charge.
        pdg: only these species, all if empty.
    """

    rapidity: tuple[float, float] | None = None
    eta: tuple[float, float] | None = None
    pt: tuple[float, float] | None = None
    charged: bool = False
    pdg: tuple[int, ...] = ()

    def mask(self, events: Events) -> np.ndarray:
        """Return the mask of accepted particles, (n,)."""
        accepted = np.ones(len(events.pdg), bool)
        for axis in AXES:
            if (bounds := getattr(self, axis)) is not None:
                accepted &= (getattr(events, axis) >= bounds[0]) & (getattr(events, axis) < bounds[1])
        if self.charged:
            accepted &= events.charges[:, 1] != 0
        if self.pdg:
            accepted &= np.isin(events.pdg, self.pdg)
        return accepted

    def __call__(self, events: Events) -> Events:
        """Return the same events with the accepted particles."""
        return events if self == EVERYTHING else events.where(self.mask(events))


EVERYTHING = Window()


def event_histogram(
    events: Events, values: np.ndarray, edges: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Sum the weights (or count) of the particles of each event in each bin, (N, bins); particles outside are left out."""
    bins = len(edges) - 1
    bin_index = np.searchsorted(edges, values, side="right") - 1
    inside = (bin_index >= 0) & (bin_index < bins)
    flat = events.owner[inside] * bins + bin_index[inside]
    weights = None if weights is None else np.asarray(weights, float)[inside]
    return np.bincount(flat, weights, len(events) * bins).reshape(len(events), bins).astype(float)
