"""Posteriors that learned from few pairs are not failed for what these had, and are for anything else.

All of linear responses with normal noise, where a regression is the right posterior but for the error of its pairs.
"""

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import REFERENCE, TRAINING, Source
from emulant.judging.experiment import measure_all, opened
from emulant.judging.judge import judge
from emulant.judging.notes import OF_PAIRS
from emulant.judging.pairs_error import measure_pairs_error
from emulant.storage.pairs import INPUTS, Pairs, PairsWriter
from emulant.storage.provenance import provenance
from emulant.systems import measured_observables, system_from
from tests.systems.linear_gaussian.test_system import BLOCK

MODEL = Source("model")
NOISE = 0.8
FEW, MANY = 256, 16000
ONE = {
    "kind": "linear_gaussian",
    "prior": {"a": {"normal": [0.0, 1.0]}},
    "response": [[1.0]],
    "noise": [NOISE],
}


def simulated(system, count, rng):
    """Pairs of a system, inputs (count, m) and outputs (count, d)."""
    theta = system.prior.sample(count, rng)
    return Pairs(system.simulate(theta, rng), theta)


class Regression:
    """The normal posterior about a linear regression of pairs."""

    def __init__(self, pairs):
        features = self.features(pairs.inputs)
        self.weights = np.linalg.lstsq(features, pairs.outputs, rcond=None)[0]
        left = pairs.outputs - features @ self.weights
        self.factor = np.linalg.cholesky(left.T @ left / (len(left) - features.shape[1]))

    @staticmethod
    def features(inputs):
        return np.column_stack([inputs, np.ones(len(inputs))])

    def draws(self, inputs, count, rng, *, width=1.0, shift=0.0):
        """Draws (count * N, d), `width` times as wide, shifted by `shift` deviations."""
        mean = self.features(inputs) @ self.weights
        noise = shift + width * rng.standard_normal((count, *mean.shape))
        return (mean + noise @ self.factor.T).reshape(-1, mean.shape[1])


@pytest.fixture
def files(tmp_path):
    """A function (system, source -> pairs, observations) -> source -> path; the model `strict` learned from no pairs."""

    def write(system, pairs, observations):
        paths = {}
        for source, rows in pairs.items():
            paths[source] = tmp_path / f"{source.name}.h5"
            facts = provenance(system=system.kind, parameters={}, sampler="exact", seed=1)
            if source not in (REFERENCE, TRAINING):
                facts |= {INPUTS: observations}
            if source.model == "strict":
                facts |= {"learned_from": "action"}
            shapes = rows.inputs.shape[1:], rows.outputs.shape[1:]
            with PairsWriter(paths[source], *shapes, attributes=facts) as writer:
                writer.append(rows)
        return paths

    return write


def granted(files, seed, **fault):
    """Squares of the errors of <theta> and <theta^2> that a posterior of FEW pairs has from these."""
    rng = np.random.default_rng(seed)
    system = system_from(ONE)
    training, reference = simulated(system, FEW, rng), simulated(system, MANY, rng)
    drawn = Regression(simulated(system, 4096, rng)).draws(reference.inputs, 8, rng, **fault)
    pairs = {
        REFERENCE: reference,
        TRAINING: training,
        MODEL: Pairs(np.tile(reference.inputs, (8, 1)), drawn),
    }
    names = measured_observables(["parameter_means", "parameter_squares"], system.kind)
    with opened(files(system, pairs, MANY), system) as ensembles:
        measurement = measure_pairs_error(ensembles, MODEL, system, names)
    assert (measurement.rows["samples"] == FEW).all()
    return np.square(measurement.rows["error"].to_numpy())


def test_the_error_is_that_of_many_trainings(files):
    """Of 10000 regressions, to a tenth: the variance of squares is known to 2.5 %, that of regressions to 1.4 %."""
    rng = np.random.default_rng(1)
    theta = rng.standard_normal((10000, FEW))
    y = theta + NOISE * rng.standard_normal(theta.shape)
    apart = y - y.mean(1, keepdims=True)
    slope = (apart * theta).sum(1) / np.square(apart).sum(1)
    constant = theta.mean(1) - slope * y.mean(1)
    left = np.square(theta - slope[:, None] * y - constant[:, None]).sum(1) / (FEW - 2)
    # Over all observations y is normal with variance 1 + NOISE^2.
    square = slope**2 * (1 + NOISE**2) + constant**2 + left
    trainings = np.array([constant.var(), square.var()])
    np.testing.assert_allclose(granted(files, 2), trainings, rtol=0.1)


@pytest.mark.parametrize("fault", [{"width": 1.5}, {"shift": 1.0}], ids=["wide", "shifted"])
def test_no_fault_is_granted_an_error(files, fault):
    """That of theta stays as it is, to 5 %; its square's is at most that of the parameters themselves, 2 / FEW."""
    right, wrong = granted(files, 2), granted(files, 2, **fault)
    assert abs(wrong[0] / right[0] - 1) < 0.05
    assert wrong[1] < 1.1 * 2 / FEW


SEEDS, PAIRS, OBSERVATIONS, DRAWS = 12, 400, 4096, 8
FAULTS = {"narrow": {"width": 0.8}, "shifted": {"shift": 0.3}}


def failed(files, seed):
    """Which models fail: regressions of 400 pairs, some with a fault, the prior; strict is right, without the error."""
    system, rng = system_from(BLOCK), np.random.default_rng(seed)
    training, reference = simulated(system, PAIRS, rng), simulated(system, OBSERVATIONS, rng)
    fit = Regression(training)
    drawn = {"right": fit.draws(reference.inputs, DRAWS, rng)}
    drawn |= {name: fit.draws(reference.inputs, DRAWS, rng, **fault) for name, fault in FAULTS.items()}
    drawn |= {"strict": drawn["right"], "prior": system.prior.sample(DRAWS * OBSERVATIONS, rng)}
    inputs = np.tile(reference.inputs, (DRAWS, 1))
    pairs = {REFERENCE: reference, TRAINING: training}
    pairs |= {Source(name): Pairs(inputs, outputs) for name, outputs in drawn.items()}
    with opened(files(system, pairs, OBSERVATIONS), system) as ensembles:
        measured = measure_all("few", ensembles, system, measured_observables(None, system.kind))
        judgement = judge(measured.observables, measured.jackknife, ensembles, system, seed=seed)
    verdicts = judgement.verdicts.set_index("model")
    assert set(verdicts.index) == {"reference", "training", *drawn} and (verdicts["variant"] == "").all()
    assert OF_PAIRS in verdicts["note"]["right"] and OF_PAIRS not in verdicts["note"]["strict"]
    return verdicts["verdict"] == "fail"


def test_models_are_failed_for_their_faults_and_not_for_those_of_few_pairs(files):
    """Right ones fail at most once in twelve (twice by 0.7 %); strict, they fail, as do 20 % narrow, shifted, the prior."""
    counts = pd.DataFrame([failed(files, seed) for seed in range(SEEDS)]).sum()
    assert counts["right"] <= 1 and counts["strict"] >= 8, counts
    assert (counts[[*FAULTS, "prior"]] == SEEDS).all(), counts
