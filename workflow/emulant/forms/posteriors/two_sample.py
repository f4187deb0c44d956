"""Tests of calibration: ranks of the true parameters among the draws of their posteriors."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from emulant.contracts.source import REFERENCE, TRAINING, Source, learned_from_samples
from emulant.contracts.system import HasPrior, System
from emulant.inference.draws import Draws, draws_of
from emulant.inference.summaries import components_of
from emulant.randomness.seeds import job_seed
from emulant.statistics.calibration import (
    bias_test,
    dispersion_test,
    distance_ranks,
    randomised_ranks,
    regression_points,
    uniformity_test,
)
from emulant.statistics.two_sample import TwoSample, classifier_test
from emulant.statistics.two_sample_table import two_sample_table
from emulant.storage.pairs import PairsFile

__all__ = ["two_sample_tests"]

FEWEST_DRAWS = 8
"""Below so many, ranks say little more than on which side the truth lies."""


def two_sample_tests(
    system: System, ensembles: Mapping[Source, PairsFile], tau_int: Mapping[Source, float], seed: int
) -> pd.DataFrame:
    """Test the draws of every model against the truth of each observation; a `contracts.form.TwoSampleTests`.

    Of each parameter: bias, dispersion and uniformity of the ranks. Of all together: ranks of distances from other
    observations' parameters (`tarp`), and from what a linear regression says of the observation (`informed_tarp`), which a
    posterior that ignores the observation does not survive; and a classifier that sees observation and parameters.
    Ranks of posteriors that learned from pairs are known no better than these tell (`judging.pairs_error`), but for the
    classifier's test.
    """
    reference = ensembles[REFERENCE].read()
    names = system.prior.names if isinstance(system, HasPrior) else ()
    models = {
        source: draws_of(reference, ensemble.read())
        for source, ensemble in ensembles.items()
        if source not in (REFERENCE, TRAINING)
    }
    trained = len(ensembles[TRAINING]) if TRAINING in ensembles else np.inf
    pairs = {
        source: trained if learned_from_samples(source, ensembles[source].attributes) else np.inf
        for source in models
    }
    return two_sample_table(
        (source, _tests(draws, names, pairs[source], job_seed(seed, source.name)))
        for source, draws in models.items()
        if len(draws.draws) >= FEWEST_DRAWS
    )


def _tests(draws: Draws, names: tuple[str, ...], pairs: float, seed: int) -> Iterator[tuple[str, TwoSample]]:
    """Name and compute all tests of one model."""
    generator = np.random.default_rng(seed)
    u = randomised_ranks(draws.truth, draws.draws, generator)
    for name, ranks in zip(names, u.T, strict=False):
        yield f"bias_{name}", bias_test(ranks, pairs)
        yield f"dispersion_{name}", dispersion_test(ranks, pairs)
        yield f"ranks_{name}", uniformity_test(ranks, pairs)
    unit = draws.truth.std(0)
    truth, drawn = draws.truth / unit, draws.draws / unit
    features = components_of(draws.inputs)
    others = truth[generator.permutation(len(truth))]
    yield "tarp", uniformity_test(distance_ranks(truth, drawn, others, generator), pairs)
    # Half the observations teach the other half where to look: the truth of an observation never helps to judge it.
    informed = regression_points(features, truth)
    yield "informed_tarp", uniformity_test(distance_ranks(truth, drawn, informed, generator), pairs)
    even = np.arange(len(truth)) % 2 == 0
    generated, simulated = (
        _products(features[rows], values[rows]) for rows, values in ((even, drawn[0]), (~even, truth))
    )
    yield "classifier", classifier_test(generated, simulated, seed)


def _products(features: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """List parameters, their squares and products, and their products with features."""
    pairs = [parameters[:, i] * parameters[:, j] for i in range(parameters.shape[1]) for j in range(i + 1)]
    crossed = (parameters[:, :, None] * features[:, None]).reshape(len(features), -1)
    return np.column_stack([features, parameters, np.column_stack(pairs), crossed])
