"""Tests of calibration over files: right posteriors pass, narrow, wide, shifted ones and the prior fail."""

import numpy as np
import pytest

from emulant.contracts.source import REFERENCE, Source
from emulant.forms.posteriors.two_sample import two_sample_tests
from emulant.inference.draws import draws_of
from emulant.statistics.pulls import equivalent_pull, limit
from emulant.storage.pairs import Pairs
from emulant.systems import system_from
from tests.systems.linear_gaussian.test_system import BLOCK

OBSERVATIONS, DRAWS = 512, 32
MODEL = Source("model", "")


class File:
    """What the tests read of a file."""

    def __init__(self, pairs):
        self.pairs, self.attributes = pairs, {}

    def read(self):
        return self.pairs

    def __len__(self):
        return len(self.pairs)


def judged(change, seed):
    """Run all tests on draws of the exact posterior, changed by (draws, mean, deviation, prior's draws) -> draws."""
    system, rng = system_from(BLOCK), np.random.default_rng(seed)
    truth = system.prior.sample(OBSERVATIONS, rng)
    inputs = system.simulate(truth, rng)
    draws = system.posterior(inputs, DRAWS, rng)
    mean, deviation = system.law.posterior_mean(inputs), np.sqrt(np.diag(system.law.covariance))
    chance = system.prior.sample(DRAWS * OBSERVATIONS, rng).reshape(draws.shape)
    draws = change(draws, mean, deviation, chance)
    generated = Pairs(np.tile(inputs, (DRAWS, 1)), draws.reshape(-1, 2))
    files = {REFERENCE: File(Pairs(inputs, truth)), MODEL: File(generated)}
    return two_sample_tests(system, files, {}, seed)


def worst(table):
    """The Gaussian equivalent of the smallest p-value, over the limit of a false alarm in a hundred."""
    return equivalent_pull(table["p"].min()) / limit(len(table), 0.01)


def test_right_posteriors_pass():
    """Five sets; one alarm among them has a chance of 5 %, two of 0.1 %."""
    alarms = sum(worst(judged(lambda draws, *_: draws, seed)) > 1 for seed in range(5))
    assert alarms <= 1


@pytest.mark.parametrize(
    "change",
    [
        lambda draws, mean, deviation, prior: mean + 0.8 * (draws - mean),
        lambda draws, mean, deviation, prior: mean + 1.3 * (draws - mean),
        lambda draws, mean, deviation, prior: draws + 0.3 * deviation,
        lambda draws, mean, deviation, prior: prior,
    ],
    ids=["narrow", "wide", "shifted", "prior"],
)
def test_wrong_posteriors_fail(change):
    for seed in range(3):
        assert worst(judged(change, seed)) > 1


def test_the_prior_fails_where_it_is_told_what_the_observation_says():
    """And by nothing else than tests that see the observation."""
    table = judged(lambda draws, mean, deviation, prior: prior, 1).set_index("observable")
    failed = set(table.index[table["p"] < 1e-4])
    assert failed <= {"informed_tarp", "classifier"} and "informed_tarp" in failed


def test_draws_are_sorted_by_observation():
    reference = Pairs(np.arange(3.0)[:, None], np.arange(3.0)[:, None])
    generated = Pairs(np.tile(reference.inputs, (3, 1))[:8], np.arange(8.0)[:, None])
    draws = draws_of(reference, generated).draws[:, :, 0]
    np.testing.assert_array_equal(draws, [[0, 1, 2], [3, 4, 5]])
