"""Feature vectors of events and of particles for two-sample tests."""

import numpy as np

from emulant.collisions.acceptance import COMMON, places
from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import species_counts
from emulant.collisions.events import Events
from emulant.collisions.windows import Window

__all__ = ["RESOLUTION", "event_features", "particle_features"]

RADIAL = (2212, -211, 321)
"""PDG numbers of species whose mean transverse momenta are features of an event: p, pi- and K+ are common enough."""

KINDS = ((2212,), (2112,), (211,), (111,), (-211,), (321, 311))
"""PDG numbers of each kind of particle; all others share one kind, since an indicator of a rare kind, in units of its
standard deviation, would be an outlier."""

RESOLUTION = 0.5
"""Standard deviation of Gaussian noise added to the conserved sums, in GeV and in units of charge. They are exact to
rounding, and without noise a classifier would distinguish one rounding from another."""

FASTEST = 10.0
"""Bound of |y|, far beyond the beam's: a particle whose pz rounds to E would have an infinite rapidity."""


def event_features(events: Events, generator: np.random.Generator) -> np.ndarray:
    """Compute the features of each event, (N, 1, 29).

    Numbers of the 14 common species, of the others, and of all; the sums of momentum, energy, B, Q and S with noise of
    RESOLUTION; [p_T] of all particles, protons, pi- and K+; directed and elliptic flow, weighted by p_T and p_T^2 because
    particles along the beam have no azimuth.
    """
    counts = species_counts(events)
    common = places(COMMON)
    others = events.counts - counts[:, common].sum(axis=1)
    totals = event_totals(events)
    totals = totals + generator.normal(scale=RESOLUTION, size=totals.shape)
    groups = [events, *(Window(pdg=(pdg,))(events) for pdg in RADIAL)]
    px, py = events.momenta[:, :2].T
    flow = [
        _ratio(events, np.sign(events.rapidity) * px, events.pt),
        _ratio(events, px**2 - py**2, events.pt**2),
    ]
    mean_pt = [_ratio(part, part.pt, np.ones(len(part.pdg))) for part in groups]
    columns = [counts[:, common], others, events.counts, totals, *mean_pt, *flow]
    return np.column_stack(columns)[:, None, :]


def particle_features(events: Events, each: int, generator: np.random.Generator) -> np.ndarray:
    """Compute the features of `each` random particles of every event that has particles, (N, each, 11).

    px, py, p_T in GeV, rapidity, and indicators of proton, neutron, pi+, pi0, pi-, K+ or K0, and any other.
    """
    nonempty = np.flatnonzero(events.counts)
    chosen = events.offsets[nonempty, None] + generator.integers(
        events.counts[nonempty, None], size=(len(nonempty), each)
    )
    drawn = chosen.ravel()
    kind = np.column_stack([np.isin(events.pdg[drawn], pdg) for pdg in KINDS]).astype(float)
    rapidity = np.clip(events.rapidity[drawn], -FASTEST, FASTEST)
    columns = [events.momenta[drawn, :2], events.pt[drawn], rapidity, kind, 1 - kind.sum(axis=1)]
    return np.column_stack(columns).reshape(len(nonempty), each, -1)


def _ratio(events: Events, above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Compute the ratio of two sums over the particles of each event, (N,); 0 for an event without particles."""
    total = events.sums(below)
    return events.sums(above) / np.where(total > 0, total, 1.0)
