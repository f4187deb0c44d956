"""The emulator's studies: shares of parameters in closed form, replicas of observations, ranks of what it drew itself."""

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families import build_model
from emulant.families.emulator_posterior.measured import study_measured
from emulant.families.emulator_posterior.predictive import distances, replicas, study_predictive
from emulant.families.emulator_posterior.self_calibration import study_self_calibration
from emulant.families.emulator_posterior.studies import sensitivities
from emulant.inference.emulation.observables import fit_emulator
from emulant.inference.measured_values import covariance_of
from emulant.inference.priors import Marginal, Prior
from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.provenance import provenance
from emulant.systems import system_from
from tests.systems.linear_gaussian.test_system import BLOCK


@pytest.fixture(scope="module")
def emulator():
    """Observables z_1 + z_2 / 2 and z_1 of three parameters, with little noise: nothing feels the third."""
    rng = np.random.default_rng(1)
    design = rng.standard_normal((100, 3))
    values = np.column_stack([design[:, 0] + design[:, 1] / 2, design[:, 0]])
    return fit_emulator(design, values + 0.02 * rng.standard_normal(values.shape), components=2)


def test_shares_of_the_variance(emulator):
    """Those of a linear response are squares of its coefficients: 0.8 and 0.2, 1 and 0; 512 pairs know them to 6 %."""
    normal = {"law": "normal", "first": 0.0, "second": 1.0}
    prior = Prior(tuple(Marginal(name, **normal) for name in "abc"))
    shares = sensitivities(emulator, prior, 1)
    np.testing.assert_allclose(shares, [[0.8, 1.0], [0.2, 0.0], [0.0, 0.0]], atol=0.2)
    assert shares[2].max() < 0.01


@pytest.fixture(scope="module")
def system():
    return system_from(BLOCK)


@pytest.fixture(scope="module")
def model(system):
    """Fitted to 64 design points of the linear response."""
    rng = np.random.default_rng(1)
    parameters = system.prior.sample(64, rng)
    pairs = Pairs(*map(torch.from_numpy, (system.simulate(parameters, rng), parameters)))
    settings = {"design": 64, "components": 3, "kernel": "rbf", "generation": {"walkers": 16, "steps": 20}}
    block = {"name": "emulator", "family": "emulator_posterior", **settings}
    fitted = build_model(block, pairs, system)
    fitted.fit_round(0, torch.Generator().manual_seed(1), {})
    return fitted


def test_replicas_have_the_law_of_the_emulator(emulator):
    """Mean and covariance of 4000 replicas at one point, within five errors."""
    point = np.array([[0.3, -0.5, 1.0]])
    mean, covariance = emulator.predict(point)
    drawn = replicas(emulator, np.repeat(point, 4000, 0), np.random.default_rng(2))
    unit = np.sqrt(np.diag(covariance[0]))
    assert (abs(drawn.mean(0) - mean[0]) < 5 * unit / np.sqrt(4000)).all()
    np.testing.assert_allclose(drawn.std(0), unit, rtol=5 / np.sqrt(8000))
    # Squares of distances of normal points are chi^2 of as many degrees of freedom.
    assert abs(np.square(distances(drawn, drawn)).mean() - 2) < 0.01


def test_the_sampler_is_right_about_what_the_emulator_drew(model, system):
    """Six p-values above 1e-4, false alarm 6e-4; a coverage of 64 observations errs by .06, four errors."""
    inputs = StudyInputs({"observations": 64, "draws": 16}, 1, models={"emulator": model})
    table, record = study_self_calibration(system, inputs)
    assert list(table["parameter"]) == list(system.prior.names)
    assert record["smallest_p"] > 1e-4
    assert (abs(table["coverage_68"] - 0.6827) < 0.24).all()


def test_an_observation_far_from_the_prior_is_said_to_be_there(model, system, tmp_path):
    """The first is what the prior predicts on average, the second twenty deviations of the noise away from anything."""
    usual = system.prior.mean @ system.law.response.T
    observations = np.stack([usual, usual + 20 * system.law.noise])
    attributes = provenance(system=system.kind, parameters={}, sampler="prior", seed=1)
    with PairsWriter(tmp_path / "reference.h5", (3,), (2,), attributes=attributes) as writer:
        writer.append(Pairs(observations, np.tile(system.prior.mean, (2, 1))))
    inputs = StudyInputs({"observations": 2, "draws": 64}, 1, tmp_path / "reference.h5", {"emulator": model})
    table, record = study_predictive(system, inputs)
    rows = table.groupby("observation")[["p", "prior_p", "prior_distance"]].first()
    assert list(record["observations_outside_the_prior"]) == ["1"]
    assert rows.loc[0, "prior_p"] > 0.5 and rows.loc[0, "p"] > 0.05
    assert rows.loc[1, "p"] < 0.05 and rows.loc[1, "prior_distance"] > 3 * rows.loc[0, "prior_distance"]


def test_measured_values_with_large_errors_tell_nothing(model, system):
    """Errors of a thousand deviations leave the prior; none leave the posterior of the observation, which is narrower."""
    values = list(map(float, system.prior.mean @ system.law.response.T))
    tables = {}
    for name, errors in (("vague", 1e3), ("sharp", 0.0)):
        settings = {"values": values, "errors": [errors] * 3, "draws": 256}
        inputs = StudyInputs(settings, 1, models={"emulator": model})
        tables[name], record = study_measured(system, inputs)
        assert "warning" not in record
    # 256 draws know a deviation to 1/22; five of it.
    assert (abs(tables["vague"]["shrinkage"] - 1) < 5 / 22).all()
    exact = np.sqrt(np.diag(system.law.covariance)) / system.prior.deviation
    assert (abs(tables["sharp"]["shrinkage"] / exact - 1) < 0.35).all()


def test_measured_values_far_away_are_warned_of(model, system):
    settings = {"values": [300.0, -300.0, 300.0], "draws": 64}
    _, record = study_measured(system, StudyInputs(settings, 1, models={"emulator": model}))
    assert "outside the prior predictive" in record["warning"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"covariance": [[1.0, 2.0], [2.0, 1.0]]}, "eigenvalues of zero or more, got -1"),
        ({"covariance": [[1.0, 0.5], [0.2, 1.0]]}, "symmetric"),
        ({"errors": [1.0]}, "shape"),
    ],
)
def test_a_covariance_that_is_none(settings, message):
    with pytest.raises(InputError, match=message):
        covariance_of(settings, 2)
