"""Few samples that ran away do not hide behind the error that they make large."""

import numpy as np
import pytest

from emulant.contracts.source import REFERENCE, Source
from emulant.judging.runaways import limited_errors, runaways

MODEL = Source("model")


def samples(numbers, blocks=128):
    """Leave-one-out means of numbers (n,) and of powers of them."""
    means = np.stack([numbers, numbers**4, numbers**8], 1).reshape(blocks, -1, 3).mean(axis=1)
    return {"moment": ((1, 4, 8), (means.sum(axis=0) - means) / (blocks - 1))}


def pulls(numbers, jackknife):
    """Distance of the first, fourth and eighth moment from a Gaussian's, in errors as they are limited."""
    replicas = jackknife[MODEL]["moment"][1]
    factors = limited_errors(jackknife, MODEL).get("moment", {})
    errors = np.sqrt(127) * replicas.std(axis=0) * [factors.get(index, 1.0) for index in (1, 4, 8)]
    return np.array([numbers.mean(), (numbers**4).mean() - 3, (numbers**8).mean() - 105]) / errors


def test_right_numbers_are_not_failed():
    """Moments of Gaussians, even the eighth, whose average is made by few of 2048: of 300 pulls none is above 4."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        numbers = rng.normal(size=2048)
        jackknife = {REFERENCE: samples(rng.normal(size=4096)), MODEL: samples(numbers)}
        assert pulls(numbers, jackknife).max() < 4
        assert not limited_errors(jackknife, MODEL).get("moment", {}).keys() & {1, 4}


@pytest.mark.parametrize("far", [30.0, 1e3, 1e8])
def test_one_number_that_ran_away_is_measured_by_the_others(far):
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=2048)
    numbers[7] = far
    jackknife = {REFERENCE: samples(rng.normal(size=4096)), MODEL: samples(numbers)}
    assert max(np.abs(pulls(numbers, jackknife))) > 10
    assert runaways(jackknife) == {MODEL: ["moment"]}


def test_corrected_ensembles_and_what_the_reference_lacks_keep_their_errors():
    rng = np.random.default_rng(2)
    numbers = rng.normal(size=2048)
    numbers[7] = 1e3
    weighted, alone = Source("model", "weighted"), {MODEL: samples(numbers), REFERENCE: {}}
    assert (
        limited_errors({REFERENCE: samples(rng.normal(size=4096)), weighted: samples(numbers)}, weighted)
        == {}
    )
    assert limited_errors(alone, MODEL) == {}


def test_counts_of_what_is_rare_keep_their_errors():
    """Averages of Poisson counts of mean 0.001 ... 0.3 a sample, ten seeds each: no percentile is too small."""
    for mean in (0.001, 0.01, 0.03, 0.1, 0.3):
        for seed in range(10):
            rng = np.random.default_rng(seed)
            jackknife = {
                source: samples(rng.poisson(mean, 2048).astype(float)) for source in (REFERENCE, MODEL)
            }
            assert 1 not in limited_errors(jackknife, MODEL).get("moment", {}), mean
