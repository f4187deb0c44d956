"""Numbers that stand for an event, and for a particle, where ensembles are compared without naming an observable."""

import numpy as np

from emulant.collisions.acceptance import COMMON, places
from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import species_counts
from emulant.collisions.events import Events
from emulant.collisions.windows import Window

__all__ = ["RESOLUTION", "event_features", "particle_features"]

RADIAL = (2212, -211, 321)
"""PDG numbers of species whose mean transverse momenta are features of an event."""

KINDS = ((2212,), (2112,), (211,), (111,), (-211,), (321, 311))
"""What a particle can be; all others share one kind. Rarer kinds would be outliers in units of their deviation."""

RESOLUTION = 0.5
"""Gaussian blur of the conserved sums, in GeV and in units of charge. They are exact in a cascade to rounding, and a
classifier would tell one rounding from another."""

FASTEST = 10.0


def event_features(events: Events, generator: np.random.Generator) -> np.ndarray:
    """Features of each event, (N, 1, 29).

    Numbers of the 14 common species, of the others, and of all; the blurred sums of momentum, energy, B, Q and S; [p_T] of
    all particles, protons, pi- and K+; directed and elliptic flow, weighted by p_T and p_T^2 so that they do not ask for
    the azimuth of particles along the beam.
    """
    counts = species_counts(events)
    own = places(COMMON)
    others = events.counts - counts[:, own].sum(axis=1)
    totals = event_totals(events)
    totals = totals + generator.normal(scale=RESOLUTION, size=totals.shape)
    kinds = [events, *(Window(pdg=(pdg,))(events) for pdg in RADIAL)]
    px, py = events.momenta[:, :2].T
    flow = [
        _ratio(events, np.sign(events.rapidity) * px, events.pt),
        _ratio(events, px**2 - py**2, events.pt**2),
    ]
    mean_pt = [_ratio(part, part.pt, np.ones(len(part.pdg))) for part in kinds]
    columns = [counts[:, own], others, events.counts, totals, *mean_pt, *flow]
    return np.column_stack(columns)[:, None, :]


def particle_features(events: Events, each: int, generator: np.random.Generator) -> np.ndarray:
    """Features of `each` random particles of every event that has any, (N, each, 11).

    px, py, p_T in GeV, rapidity, and whether it is a proton, neutron, pi+, pi0, pi-, K+ or K0, or something else.
    """
    some = np.flatnonzero(events.counts)
    chosen = events.offsets[some, None] + generator.integers(
        events.counts[some, None], size=(len(some), each)
    )
    drawn = chosen.ravel()
    kind = np.column_stack([np.isin(events.pdg[drawn], pdg) for pdg in KINDS]).astype(float)
    rapidity = np.clip(events.rapidity[drawn], -FASTEST, FASTEST)
    columns = [events.momenta[drawn, :2], events.pt[drawn], rapidity, kind, 1 - kind.sum(axis=1)]
    return np.column_stack(columns).reshape(len(some), each, -1)


def _ratio(events: Events, above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Ratio of two sums over the particles of each event, 0 where there are none."""
    total = events.sums(below)
    return events.sums(above) / np.where(total > 0, total, 1.0)
