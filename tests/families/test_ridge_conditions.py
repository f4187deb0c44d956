"""The ridge flow away from its training: at couplings between, beyond one lattice, and in the pipeline's own words."""

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families.ridge_flow.conditions import Conditions
from emulant.families.ridge_flow.model import Model
from emulant.families.ridge_flow.studies import studies
from emulant.systems.phi4.system import Phi4
from tests.families.chains import transfer_matrix_log_z

SETTINGS = {
    "name": "ridge_flow",
    "family": "ridge_flow",
    "hats": 4,
    "shells": 0,
    "polynomials": 2,
    "conditions": {"kappa": [0.3, 0.35, 0.4]},
    "fit": {"samples": 512, "rounds": 3, "path": [0.5], "steps": 4, "ridge": 1e-3},
    "generation": {"steps": 8, "samples": 1024},
}
CHAIN = Phi4(0.37, 0.3, (8,))


@pytest.fixture(scope="module")
def fitted():
    """A flow on a chain of eight sites, fitted at three kappa at once; 0.37 is none of them."""
    model = Model.build(SETTINGS, None, CHAIN)
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(number), {})
    return model


def study(name, model, **settings):
    inputs = StudyInputs(settings={"samples": 4096, **settings}, seed=3, models={"ridge_flow": model})
    return studies[name](CHAIN, inputs)


def test_polynomials_go_through_all_values():
    """Two couplings with 3 and 2 values: six polynomials, independent on the six combinations."""
    conditions = Conditions({"kappa": [0.2, 0.1, 0.3, 0.1], "lambda": [0.0, 1.0]})
    values = torch.stack([conditions.polynomials(each) for each in conditions.combinations()])
    assert values.shape == (6, 6) and abs(float(torch.linalg.det(values))) > 0.1
    middle = conditions.polynomials({"kappa": 0.2, "lambda": 0.5})
    np.testing.assert_allclose(middle, np.outer([1, 0, -1], [1, 0]).ravel(), atol=1e-12)
    beyond, end = (conditions.polynomials({"kappa": k, "lambda": 0}) for k in (0.5, 0.3))
    torch.testing.assert_close(beyond, end)
    assert Conditions({}).polynomials({"kappa": 0.1}).tolist() == [1] and len(Conditions({})) == 1


def test_ln_z_between_and_at_the_couplings_of_the_training_is_that_of_the_chain(fitted):
    """Four errors at six kappa: a false alarm in one of 2000 seeds."""
    values = [0.3, 0.32, 0.35, 0.37, 0.39, 0.4]
    table = study("couplings", fitted, parameter="kappa", values=values).table
    exact = np.array([-transfer_matrix_log_z(kappa, 0.3, 8) for kappa in values])
    assert (np.abs(table["minus_log_z"] - exact) < 4 * table["minus_log_z_error"]).all()
    assert (table["ess"] > 0.98).all() and table["minus_log_z_error"].max() < 0.003
    assert table["trained"].tolist() == [True, False, True, False, False, True]


def test_one_coupling_is_not_enough_for_all(fitted):
    """The same fit at kappa = 0.3 alone loses five times as much at 0.4 as the fit at three."""
    alone = Model.build(SETTINGS | {"conditions": {"kappa": [0.3]}}, None, CHAIN)
    for number in range(alone.rounds):
        alone.fit_round(number, torch.Generator().manual_seed(number), {})
    asked = {"parameter": "kappa", "values": [0.4]}
    one, three = (float(study("couplings", m, **asked).table["ess"].iloc[0]) for m in (alone, fitted))
    assert 1 - one > 5 * (1 - three)


def test_the_flow_is_carried_to_other_lattices(fitted):
    """Weights of eight sites on 12 and 16, ln Z against the transfer matrix at four errors; further rounds improve them."""
    done = study("lattices", fitted, shapes=[[8], [12], [16]], rounds=2)
    table = done.table
    exact = np.array([-transfer_matrix_log_z(0.37, 0.3, sites) for sites in table["sites"]])
    assert (np.abs(table["minus_log_z"] - exact) < 4 * table["minus_log_z_error"]).all()
    before, after = (table.loc[table["rounds"] == rounds, "ess"].to_numpy() for rounds in (0, 2))
    assert before.min() > 0.7 and (after[1:] > before[1:]).all() and after.min() > 0.97
    assert 0 < done.record["minus_log_ess_of_a_site"]["2"] < done.record["minus_log_ess_of_a_site"]["0"]


def test_a_carried_flow_leaves_the_first_as_it_was(fitted):
    before = fitted.network.theta.clone()
    other = fitted.on(Phi4(0.37, 0.3, (12,)))
    other.fit_round(0, torch.Generator().manual_seed(1), {})
    assert torch.equal(fitted.network.theta, before) and not torch.equal(other.network.theta, before)


def test_conditions_need_a_system_that_has_them():
    class Alone:
        """The chain without other couplings."""

        kind, parameters = "alone", CHAIN.parameters
        action, inverse_power = CHAIN.action, CHAIN.inverse_power

    with pytest.raises(InputError, match="system alone: conditions: expected a system that has them"):
        Model.build(SETTINGS, None, Alone())
    free = {name: value for name, value in SETTINGS.items() if name != "conditions"}
    assert len(Model.build(free, None, Alone()).conditions) == 1
