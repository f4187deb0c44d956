"""Windows of acceptance, and histograms of particles event by event."""

from dataclasses import dataclass

import numpy as np

from emulant.collisions.events import Events

__all__ = ["EVERYTHING", "Window", "event_histogram"]

AXES = ("rapidity", "eta", "pt")


@dataclass(frozen=True)
class Window:
    """Which particles are seen: low <= value < high on the named axes.

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
        """Particles that are seen, (n,)."""
        seen = np.ones(len(events.pdg), bool)
        for axis in AXES:
            if (bounds := getattr(self, axis)) is not None:
                seen &= (getattr(events, axis) >= bounds[0]) & (getattr(events, axis) < bounds[1])
        if self.charged:
            seen &= events.charges[:, 1] != 0
        if self.pdg:
            seen &= np.isin(events.pdg, self.pdg)
        return seen

    def __call__(self, events: Events) -> Events:
        """The same events with the particles that are seen."""
        return events if self == EVERYTHING else events.where(self.mask(events))


EVERYTHING = Window()


def event_histogram(
    events: Events, values: np.ndarray, edges: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Sum of weights (or number) of the particles of each event in each bin, (N, bins); others are left out."""
    bins = len(edges) - 1
    place = np.searchsorted(edges, values, side="right") - 1
    inside = (place >= 0) & (place < bins)
    flat = events.owner[inside] * bins + place[inside]
    weights = None if weights is None else np.asarray(weights, float)[inside]
    return np.bincount(flat, weights, len(events) * bins).reshape(len(events), bins).astype(float)
