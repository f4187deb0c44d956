"""Two-sample tests of ensembles of events: how far their events, and their particles, are from the reference's."""

from collections.abc import Iterator, Mapping

import numpy as np

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import Events
from emulant.collisions.features import event_features, particle_features
from emulant.statistics.distances import distances
from emulant.statistics.two_sample import TwoSample

__all__ = ["opinions"]

ROWS, MOST_EACH, FEWEST = 2048, 8, 32


def opinions(
    ensembles: Mapping[str, EventEnsemble], seed: int
) -> Iterator[tuple[str, list[tuple[str, TwoSample]]]]:
    """Source -> names and results of `statistics.distances` on event features and on particles.

    The reference is held against itself, one half against the other: what the numbers are where nothing is wrong. At
    most ROWS events, or particles, of each source are used; of few events, several particles each.

    Arguments:
        ensembles: `reference` and the sources.
        seed: of blur, draws, folds and permutations.
    """
    reference = ensembles["reference"].read(0, ROWS)
    half = len(reference) // 2
    for source, ensemble in ensembles.items():
        own, other = ensemble.read(0, ROWS), reference
        if source == "reference":
            own, other = reference[:half], reference[half:]
        if min(len(own), len(other)) >= FEWEST:
            yield source, list(_tests(own, other, seed))


def _tests(own: Events, reference: Events, seed: int) -> Iterator[tuple[str, TwoSample]]:
    one, two = (np.random.default_rng(number) for number in np.random.SeedSequence(seed).spawn(2))
    features = event_features(own, one), event_features(reference, two)
    yield from ((f"event_{name}", test) for name, test in distances(*features, seed))
    each = int(np.clip(-(-ROWS // min(len(own), len(reference))), 1, MOST_EACH))
    most = ROWS // each
    particles = particle_features(own[:most], each, one), particle_features(reference[:most], each, two)
    yield from ((f"particle_{name}", test) for name, test in distances(*particles, seed))
