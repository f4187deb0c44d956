"""The study of posteriors: exact draws have no shift, width one and no separation; others have what was done to them."""

import numpy as np
import pytest

from emulant.contracts.study import StudyInputs
from emulant.inference.studies import study_posterior
from emulant.inference.summaries import covered, information
from emulant.statistics.classifier import separation
from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.provenance import provenance
from emulant.systems import system_from
from tests.systems.linear_gaussian.test_system import BLOCK

OBSERVATIONS, DRAWS = 48, 64


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Of exact draws, and of draws that are moved by half a deviation and 1.5 times as wide."""
    folder, system, rng = tmp_path_factory.mktemp("study"), system_from(BLOCK), np.random.default_rng(1)
    truth = system.prior.sample(OBSERVATIONS, rng)
    inputs = system.simulate(truth, rng)
    exact = system.posterior(inputs, DRAWS, rng)
    mean, deviation = system.law.posterior_mean(inputs), np.sqrt(np.diag(system.law.covariance))
    wrong = mean + 0.5 * deviation + 1.5 * (system.posterior(inputs, DRAWS, rng) - mean)
    files = {"reference": truth[None], "exact": exact, "wrong": wrong}
    for name, outputs in files.items():
        attributes = provenance(system=system.kind, parameters={}, sampler=name, seed=1)
        with PairsWriter(folder / f"{name}.h5", (3,), (2,), attributes=attributes) as writer:
            writer.append(Pairs(np.tile(inputs, (len(outputs), 1)), outputs.reshape(-1, 2)))
    ensembles = {name: folder / f"{name}.h5" for name in ("exact", "wrong")}
    studied = study_posterior(system, StudyInputs({}, 1, folder / "reference.h5", {}, ensembles))
    assert studied.record["models"]["exact"] == {"observations": OBSERVATIONS, "draws": DRAWS}
    return studied.table.set_index(["model", "parameter"])


def test_exact_draws(table):
    """Means of 64 draws scatter by an eighth, ratios by 1/11 each; the classifier errs by its own error; five of them."""
    rows = table.loc["exact"]
    assert (abs(rows["shift"] - 1 / 8) < 0.05).all() and (abs(rows["width"] - 1) < 5 / 11 / 8).all()
    assert (abs(rows["separation"] - 0.5) < 5 * rows["separation_error"] + 0.01).all()
    assert (rows["local"] > 0.002).all()


def test_wrong_draws(table):
    rows = table.loc["wrong"]
    assert (abs(rows["shift"] - 0.5) < 0.15).all() and (abs(rows["width"] - 1.5) < 0.1).all()
    assert (rows["separation"] > 0.55).all() and (rows["local"] < 0.02).all()
    assert (rows["information"] < table.loc["exact"]["information"]).all()


def test_the_information_of_gaussians():
    """ln of the ratio of widths, three parameters of a tenth of the prior's each; five errors of 200 observations."""
    draws = 0.1 * np.random.default_rng(2).standard_normal((500, 200, 3))
    assert abs(information(draws, np.eye(3)) - 3 * np.log(10)) < 0.01


def test_coverage_of_uniform_ranks():
    u = np.linspace(0, 1, 1001)[:, None]
    np.testing.assert_allclose(covered(u, 0.68), 0.68, atol=2e-3)


def test_a_classifier_tells_a_shift_and_nothing_else():
    """A shift of one deviation has the accuracy Phi(1/2) = 0.691; equal laws 1/2; five errors."""
    rng = np.random.default_rng(3)
    one, two = rng.standard_normal((2, 2000, 1))
    for second, expected in ((two, 0.5), (two + 1, 0.6915)):
        accuracy, error = separation(one, second, 1)
        assert abs(accuracy - expected) < 5 * max(error, np.sqrt(0.25 / 4000))
