"""Studies of weights and of work: both sides agree for a right model, and one that lost a phase is told."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families import load_model
from emulant.families._weights import study_weights
from emulant.families._work import study_work
from emulant.families.path_sampler.model import Model as PathSampler
from emulant.families.ridge_flow.model import Model as RidgeFlow
from emulant.families.stochastic_flow.model import Model as StochasticFlow
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.records import write_json
from emulant.systems.phi4.system import Phi4
from tests.families import test_path_sampler, test_ridge_flow, test_stochastic_flow
from tests.families.chains import transfer_matrix_log_z

CHAIN = (0.4, 0.3, (8,))
COUNT = 1024


def fitted(family, settings):
    model, carried = (
        family.build({**settings, "generation": {"steps": 8, "samples": COUNT}}, None, Phi4(*CHAIN)),
        {},
    )
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(number), carried)
    return model


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Fields of the chain by 40 moves of independent walkers."""
    system, path = Phi4(*CHAIN), tmp_path_factory.mktemp("reference") / "reference.h5"
    fields = np.random.default_rng(1).standard_normal((COUNT, 8)).astype(np.float32)
    for seed in range(40):
        fields = system.moved(fields, 1.0, seed)
    attributes = {"system": "phi4", "parameters": "{}", "sampler": "moves"}
    with EnsembleWriter(path, (8,), attributes=attributes, dtype="float32") as writer:
        writer.append(fields)
    return path


@pytest.fixture(scope="module")
def ridge():
    """A ridge flow fitted to the chain."""
    return fitted(RidgeFlow, test_ridge_flow.SETTINGS)


def test_weights_from_both_sides(reference, ridge):
    """-ln Z forward and reverse within 4 errors; the integrator does not matter; both signs occur."""
    result = study_weights(Phi4(*CHAIN), StudyInputs({}, 3, reference, {"model": ridge}))
    reverse, *finer, forward = result.table.to_dict("records")
    error = np.hypot(reverse["minus_log_z_error"], forward["minus_log_z_error"])
    assert abs(reverse["minus_log_z"] - forward["minus_log_z"]) < 4 * error
    assert min(reverse["ess"], forward["ess"]) > 0.98 and result.record["integrator_shift"] < 0.2
    assert [row["steps"] for row in finer] == [16, 32]
    assert abs(reverse["positive"] - 0.5) < 4 * reverse["positive_error"]


def test_a_model_that_drops_a_sign_is_told(reference, ridge):
    """Its own weights are as equal as before; of the reference's fields half are far from all that it makes."""

    class OneSided:
        settings = ridge.settings

        def sample(self, count, generator):
            drawn = ridge.sample(count, generator)
            sign = drawn.values.sum(1).sign()[:, None]
            return type(drawn)(drawn.values * sign, log_q=drawn.log_q + np.log(2))

        def log_density(self, fields):
            lost = torch.where(fields.sum(1) > 0, np.log(2), -40.0)
            return ridge.log_density(fields) + lost

    rows = study_weights(Phi4(*CHAIN), StudyInputs({}, 3, reference, {"model": OneSided()})).table
    reverse, forward = rows.iloc[0], rows.iloc[-1]
    assert reverse["ess"] > 0.98 and reverse["positive"] == 1.0 and forward["ess"] < 1e-6


POORLY_FITTED = {
    StochasticFlow: {**test_stochastic_flow.SETTINGS, "fit": {"walkers": 64, "ridge": 10.0}},
    PathSampler: {**test_path_sampler.SETTINGS, "fit": {**test_path_sampler.FIT, "ridge": 1.0, "polish": []}},
}
"""So that entropy is produced, and the line has a slope."""


@pytest.mark.parametrize("family", POORLY_FITTED, ids=lambda family: family.__module__.split(".")[-2])
def test_work_from_both_sides(reference, family):
    """Both estimates of -ln Z, the line of slope 1, an entropy production that is not negative: 4 errors each."""
    model = fitted(family, POORLY_FITTED[family])
    result = study_work(Phi4(*CHAIN), StudyInputs({}, 3, reference, {"model": model}))
    record = result.record
    error = np.hypot(record["minus_log_z_error"], record["backward_minus_log_z_error"])
    assert abs(record["minus_log_z"] - record["backward_minus_log_z"]) < 4 * error
    assert abs(record["unity"] - 1) < 4 * record["unity_error"] < 0.5
    assert record["slope_paths"] == pytest.approx(COUNT * (record["crooks_slope_error"] / 0.02) ** 2)
    assert abs(record["crooks_slope"] - 1) < 4 * record["crooks_slope_error"] < 1
    exact = transfer_matrix_log_z(*CHAIN[:2], 8)
    assert abs(record["crooks_offset"] - exact) < 4 * max(record["crooks_offset_error"], 0.01)
    assert record["entropy_production"] > -4 * record["entropy_production_error"]
    assert len(record["t"]) == len(record["work_forward"]) + 1 == len(record["work_backward"]) + 1
    assert result.table["direction"].value_counts().to_dict() == {"forward": COUNT, "backward": COUNT}


@pytest.mark.parametrize(
    ("family", "settings"),
    [(RidgeFlow, test_ridge_flow.SETTINGS), (StochasticFlow, test_stochastic_flow.SETTINGS)],
)
def test_a_start_with_two_phases_knows_both(family, settings, tmp_path):
    """A chain of kappa = 0.9, with one sign nearly everywhere: ln Z to 4 errors, both signs, as it is loaded."""
    system = Phi4(0.9, 0.05, (8,))
    model, carried = family.build({**settings, "phases": 2, "name": "two"}, None, system), {}
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(number), carried)
    save_file(model.tensors(), tmp_path / "weights.safetensors")
    write_json(tmp_path / "model.json", {"settings": model.settings, "site_shape": [8]})
    drawn = load_model(tmp_path, system).sample(4096, torch.Generator().manual_seed(9))
    log_weight = (
        -drawn.work if drawn.work is not None else -system.action(drawn.values.double()) - drawn.log_q
    )
    value, error = minus_log_mean(log_weight.numpy())
    assert abs(value + transfer_matrix_log_z(0.9, 0.05, 8, reach=9.0)) < 4 * error < 0.03
    assert effective_fraction(log_weight.numpy())[0] > 0.9
    assert abs(float((drawn.values.sum(1) > 0).double().mean()) - 0.5) < 4 * 0.5 / 64


def test_two_phases_of_a_system_with_one_are_refused():
    with pytest.raises(InputError, match="kappa: expected a gap equation with two phases"):
        RidgeFlow.build({**test_ridge_flow.SETTINGS, "phases": 2}, None, Phi4(0.2, 0.3, (4, 4)))
