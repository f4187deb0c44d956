import numpy as np
import pytest

from emulant.errors import InputError
from emulant.initial.centrality import centrality, class_edges

REFERENCE = np.random.default_rng(1).exponential(size=20_000)


def test_classes_hold_their_part_of_the_collisions():
    edges = class_edges(REFERENCE, [0, 5, 20, 100])
    counts = [
        np.mean((high >= REFERENCE) & (low <= REFERENCE)) for high, low in zip(edges, edges[1:], strict=False)
    ]
    np.testing.assert_allclose(counts, [0.05, 0.15, 0.8], atol=1e-3)
    # Of an exponential law the part above m is exp(-m).
    assert edges[1] == pytest.approx(-np.log(0.05), abs=0.1)


def test_the_largest_multiplicity_is_the_most_central():
    np.testing.assert_allclose(centrality(np.array([100.0, 0.0]), REFERENCE), [0, 1])


@pytest.mark.parametrize("percentiles", [[5], [5, 0], [0, 120], [0, 0.001]])
def test_classes_that_hold_nothing_are_refused(percentiles):
    with pytest.raises(InputError):
        class_edges(REFERENCE, percentiles)
