"""Two-sample tests of the events, and of the particles, of each ensemble against the reference."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

import numpy as np

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import Events
from emulant.collisions.features import event_features, particle_features
from emulant.statistics.distances import distances
from emulant.statistics.two_sample import TwoSample

__all__ = ["event_distances"]

Name = TypeVar("Name", bound=Hashable)
ROWS = 2048
"""Most events, or particles, of a sample in a test: trades sensitivity for the time of the tests."""
MOST_EACH = 8
"""Most particles of one event: they are correlated, so more of them add less information than their number says."""
FEWEST = 32
"""Events below which a sample is not tested: too few for the folds of a cross-validated classifier."""


def event_distances(
    ensembles: Mapping[Name, EventEnsemble], reference: Name, seed: int
) -> Iterator[tuple[Name, list[tuple[str, TwoSample]]]]:
    """Yield each source with the names and results of `statistics.distances` on event features and on particles.

    The two halves of the reference are also tested against each other, which shows the results of equal distributions.
    At most ROWS events, or particles, of each source are used; if events are few, several particles of each.
    Of events with weights as many are tested as `statistics.weights.unweighted` takes.

    Arguments:
        ensembles: the reference and the sources.
        reference: key of the reference in `ensembles`.
        seed: seed of noise, draws, folds and permutations.
    """
    expected = ensembles[reference].unweighted(ROWS)
    half = len(expected) // 2
    for source, ensemble in ensembles.items():
        events, other = ensemble.unweighted(ROWS), expected
        if source == reference:
            events, other = expected[:half], expected[half:]
        if min(len(events), len(other)) >= FEWEST:
            yield source, list(_tests(events, other, seed))


def _tests(events: Events, reference: Events, seed: int) -> Iterator[tuple[str, TwoSample]]:
    one, two = (np.random.default_rng(number) for number in np.random.SeedSequence(seed).spawn(2))
    features = event_features(events, one), event_features(reference, two)
    yield from ((f"event_{name}", test) for name, test in distances(*features, seed))
    each = int(np.clip(-(-ROWS // min(len(events), len(reference))), 1, MOST_EACH))
    most = ROWS // each
    particles = particle_features(events[:most], each, one), particle_features(reference[:most], each, two)
    yield from ((f"particle_{name}", test) for name, test in distances(*particles, seed))
