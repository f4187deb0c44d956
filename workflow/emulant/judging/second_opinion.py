"""Tests that know nothing of the physics, between independent configurations of two ensembles."""

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import pandas as pd

from emulant.judging.gather import rows_per_chunk
from emulant.statistics.two_sample import (
    RandomFeatures,
    TwoSample,
    classifier_test,
    memorisation_test,
    nearest_distances,
    sign_balance_test,
)
from emulant.storage.ensemble import Ensemble

__all__ = ["SecondOpinion", "independent", "opinion_table"]

NEIGHBOURS = 2048


class SecondOpinion:
    """The reference and the training ensemble, prepared once for all sources of an experiment.

    Arguments:
        reference: configurations that no training saw, independent of each other, (N, *shape).
        training: configurations that trainings saw, or None.
        seed: of filters and splits.
    """

    def __init__(self, reference: np.ndarray, training: np.ndarray | None, seed: int) -> None:
        self.reference, self.training, self.seed = reference, training, seed
        self.filters = RandomFeatures(reference, seed)
        self.features = self.filters(reference)

    def tests(self, source: str, sample: np.ndarray) -> pd.DataFrame:
        """All tests of independent configurations (N, *shape) of one source; see `opinion_table`."""
        return opinion_table(source, self._tests(source, sample))

    def _tests(self, source: str, sample: np.ndarray) -> Iterator[tuple[str, TwoSample]]:
        yield "sign_balance", sign_balance_test(sample.reshape(len(sample), -1).mean(axis=1))
        if source != "reference":
            yield "classifier", classifier_test(self.filters(sample), self.features, self.seed)
        if self.training is not None and source not in ("reference", "training"):
            own = nearest_distances(sample[:NEIGHBOURS], self.training)
            yield "memorisation", memorisation_test(own, self.held_out)

    @cached_property
    def held_out(self) -> np.ndarray:
        """Distances of configurations that no training saw to their nearest training neighbours."""
        return nearest_distances(self.reference[:NEIGHBOURS], self.training)


def opinion_table(source: str, tests: Iterable[tuple[str, TwoSample]]) -> pd.DataFrame:
    """Columns source, observable (the test), index, statistic, null, error, pull, p, correlated."""
    rows = [
        {"source": source, "observable": name, "index": 0, **test._asdict(), "correlated": False}
        for name, test in tests
    ]
    table = pd.DataFrame(rows)
    table["pull"] = (table["statistic"] - table["null"]) / table["error"]
    return table


def independent(ensemble: Ensemble, tau_int: float, count: int, seed: int) -> np.ndarray:
    """At most `count` random configurations, of each chain no two closer than 2 tau_int, in random order."""
    kept = np.arange(len(ensemble))
    if ensemble.chain is not None:
        order = np.argsort(ensemble.chain, kind="stable")
        first = np.flatnonzero(np.diff(ensemble.chain[order], prepend=-1))
        place = np.arange(len(order)) - np.repeat(first, np.diff([*first, len(order)]))
        kept = order[place % int(np.ceil(2 * tau_int)) == 0]
    kept = np.random.default_rng(seed).permutation(kept)[:count]
    size = rows_per_chunk(ensemble)
    wanted, parts = np.sort(kept), []
    for start, chunk in zip(range(0, len(ensemble), size), ensemble.chunks(size), strict=True):
        inside = wanted[(wanted >= start) & (wanted < start + size)]
        parts.append(chunk[inside - start])
    return np.concatenate(parts)[np.argsort(np.argsort(kept))]
