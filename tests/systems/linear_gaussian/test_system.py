"""The linear response: simulated pairs have its moments, and its samples do not depend on shards."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.pairs import open_pairs
from emulant.systems import system_from
from emulant.systems.linear_gaussian.checks import check
from tests.references import sample_reference

BLOCK = {
    "kind": "linear_gaussian",
    "prior": {"a": {"normal": [0.0, 1.0]}, "b": {"normal": [1.0, 2.0]}},
    "response": [[1.0, 0.5], [0.0, 1.0], [0.5, -0.5]],
    "noise": [0.5, 0.5, 1.0],
}


def test_pairs_have_the_moments_of_the_model(tmp_path):
    """Covariances of observables and parameters from 4000 pairs, five errors."""
    system = system_from(BLOCK)
    sample_reference(system, tmp_path / "pairs.h5", settings={"sampler": "prior", "samples": 4000}, seed=1)
    with open_pairs(tmp_path / "pairs.h5") as file:
        pairs = file.read()
    response, spread = np.array(BLOCK["response"]), np.array([1.0, 2.0])
    expected = np.diag(np.square(BLOCK["noise"])) + response @ np.diag(spread**2) @ response.T
    deviations = np.sqrt(np.diag(expected))
    bound = 5 * np.sqrt(2 / 4000) * np.outer(deviations, deviations)
    assert (abs(np.cov(pairs.inputs.T) - expected) < bound).all()
    crossed = np.cov(pairs.inputs.T, pairs.outputs.T)[:3, 3:]
    assert (abs(crossed - response * spread**2) < 5 * np.sqrt(2 / 4000) * np.outer(deviations, spread)).all()


def test_the_posterior_is_that_of_the_pairs():
    """What is left of the parameters beside the posterior's mean has its covariance, 20000 pairs, five errors."""
    system, rng = system_from(BLOCK), np.random.default_rng(2)
    parameters = system.prior.sample(20000, rng)
    left = parameters - system.law.posterior_mean(system.simulate(parameters, rng))
    covariance = system.law.covariance
    deviations = np.sqrt(np.diag(covariance))
    assert (
        abs(np.cov(left.T) - covariance) < 5 * np.sqrt(2 / 20000) * np.outer(deviations, deviations)
    ).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"response": [[1.0], [0.0, 1.0], [0.5, -0.5]]}, "response: expected 2 numbers in row 1"),
        ({"noise": [0.5]}, "noise: expected 3 numbers"),
        ({"prior": {"a": {"normal": [0.0, -1.0]}, "b": {"normal": [1.0, 2.0]}}}, "positive deviation"),
    ],
)
def test_what_does_not_belong_together(change, message):
    with pytest.raises(InputError, match=message):
        check(BLOCK | change)
