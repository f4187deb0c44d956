"""Tests that know no physics, between independent configurations of an ensemble and of the reference."""

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from emulant.contracts.source import REFERENCE, TRAINING, Source, learned_from_samples
from emulant.contracts.system import HasInvariants, HasSignSymmetry, System
from emulant.statistics.two_sample import (
    RandomFeatures,
    TwoSample,
    classifier_test,
    memorisation_test,
    nearest_distances,
    sign_balance_test,
)
from emulant.statistics.two_sample_table import two_sample_table
from emulant.storage.ensemble import Ensemble

__all__ = ["independent", "two_sample_tests"]

CONFIGURATIONS, OF_REFERENCE = 4096, 16384
"""At most so many of a model, and of reference and training: the classifier finds 2 % in a coupling, in seconds."""
NEIGHBOURS = 2048
"""Configurations whose nearest training neighbours are searched: their share resolves 1 % of copies."""


def two_sample_tests(
    system: System, ensembles: Mapping[Source, Ensemble], tau_int: Mapping[Source, float], seed: int
) -> pd.DataFrame:
    """Test every ensemble without weights: balance of signs, classifier against the reference, memorisation.

    A `contracts.form.TwoSampleTests`. The balance of signs is tested where the system is symmetric; the others see what
    a local symmetry leaves alone, where the system has one.
    """
    samples = {}
    for number, (source, ensemble) in enumerate(ensembles.items()):
        if ensemble.log_weight is None:
            most = OF_REFERENCE if source in (REFERENCE, TRAINING) else CONFIGURATIONS
            samples[source] = independent(ensemble, tau_int[source], most, seed + number)
    shown = {source: _shown(system, sample) for source, sample in samples.items()}
    compared = Compared(shown[REFERENCE], shown.get(TRAINING), seed)
    return two_sample_table(
        (
            s,
            [
                *_signs(system, sample),
                *_tests(compared, s, shown[s], learned_from_samples(s, ensembles[s].attributes)),
            ],
        )
        for s, sample in samples.items()
    )


def _shown(system: System, sample: np.ndarray) -> np.ndarray:
    """What a classifier is shown of configurations (N, *site_shape)."""
    return system.invariants(sample) if isinstance(system, HasInvariants) else sample


def _signs(system: System, sample: np.ndarray) -> Iterator[tuple[str, TwoSample]]:
    """The test of the balance of signs, where the system is symmetric."""
    if isinstance(system, HasSignSymmetry):
        yield "sign_balance", sign_balance_test(system.odd(sample))


def _tests(
    compared: "Compared", source: Source, sample: np.ndarray, saw_samples: bool
) -> Iterator[tuple[str, TwoSample]]:
    """Names and results of the tests of one source against the others."""
    if source != REFERENCE:
        yield "classifier", compared.classifier(sample)
    if compared.training is not None and saw_samples:
        yield "memorisation", compared.memorisation(sample)


class Compared:
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

    def classifier(self, sample: np.ndarray) -> TwoSample:
        """Area under the ROC curve of a classifier that separates a sample (N, *shape) from the reference."""
        return classifier_test(self.filters(sample), self.features, self.seed)

    def memorisation(self, sample: np.ndarray) -> TwoSample:
        """Share of a sample (N, *shape) among the configurations nearest to training ones."""
        return memorisation_test(nearest_distances(sample[:NEIGHBOURS], self.training), self.held_out)

    @cached_property
    def held_out(self) -> np.ndarray:
        """Distances of configurations that no training saw to their nearest training neighbours."""
        return nearest_distances(self.reference[:NEIGHBOURS], self.training)


def independent(ensemble: Ensemble, tau_int: float, count: int, seed: int) -> np.ndarray:
    """Draw at most `count` random configurations, of each chain no two closer than 2 tau_int, in random order."""
    chosen = np.random.default_rng(seed).permutation(_thinned(ensemble, tau_int))[:count]
    rows, size, parts = np.sort(chosen), ensemble.rows_per_chunk, []
    for start, chunk in zip(range(0, len(ensemble), size), ensemble.chunks(size), strict=True):
        inside = rows[(rows >= start) & (rows < start + size)]
        parts.append(chunk[inside - start])
    return np.concatenate(parts)[np.argsort(np.argsort(chosen))]


def _thinned(ensemble: Ensemble, tau_int: float) -> np.ndarray:
    """Rows that are independent: of each chain one in 2 tau_int."""
    if ensemble.chain is None:
        return np.arange(len(ensemble))
    order = np.argsort(ensemble.chain, kind="stable")
    first = np.flatnonzero(np.diff(ensemble.chain[order], prepend=-1))
    time = np.arange(len(order)) - np.repeat(first, np.diff([*first, len(order)]))
    return order[time % int(np.ceil(2 * tau_int)) == 0]
