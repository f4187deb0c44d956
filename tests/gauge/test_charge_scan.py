"""The charge against beta by every method: exact where it should be, frozen where it is, and drawn."""

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families import build_model
from emulant.gauge.scan_figures import charges
from emulant.systems.u1.studies import studies
from emulant.systems.u1.system import U1, WithRectangles

SETTINGS = {"betas": [1.0, 6.0], "samples": 1000, "sweeps": 8, "chains": 16, "trajectories": 200}
FIT = {"samples": 16, "rounds": 1, "ridge": 1.0}


@pytest.fixture(scope="module")
def table():
    system = U1(2.0, (6, 6))
    tree = build_model({"name": "tree", "family": "plaquette_tree", "fit": FIT}, None, system)
    return studies["charges"](system, StudyInputs(SETTINGS, seed=3, models={"tree": tree})).table


def test_methods_that_are_exact_agree_at_every_coupling(table):
    """Within 5 errors, six numbers: false alarm 3e-6; the tree goes to couplings that it was not made for."""
    rows = table.set_index(["method", "beta"])
    for method in ("exact", "tree", "HMC and shift of Q"):
        for beta in SETTINGS["betas"]:
            row = rows.loc[(method, beta)]
            assert abs(row["charge_squared"] - row["exact"]) < 5 * row["charge_squared_error"]
            assert 0 < row["cost"] < np.inf


def test_cold_chains_are_frozen_and_hot_links_too_rich(table):
    rows = table.set_index(["method", "beta"])
    frozen = rows.loc[("HMC", 6.0)]
    assert frozen["charge_squared"] < 0.5 * frozen["exact"]
    swept = rows.loc[("hot, 8 sweeps", 6.0)]
    assert swept["charge_squared"] >= swept["exact"] - 5 * swept["charge_squared_error"]


def test_the_figure_has_every_method(table):
    left, right = charges(table).axes
    assert left.get_ylim()[0] < 0 < 1 < left.get_ylim()[1]
    assert [text.get_text() for text in right.get_legend().get_texts()] == list(table["method"].unique())


def test_a_model_elsewhere_has_the_weights_of_its_fit():
    system = U1(2.0, (4, 4))
    model = build_model({"name": "m", "family": "smooth_spread", "fit": FIT}, None, system)
    with torch.no_grad():
        model.network.log_ratio += 0.1
    carried = model.at(system.at({"beta": 5.0, "shape": [4, 8]}))
    assert carried.site_shape == (2, 4, 8)
    assert float(carried.network().detach()) == pytest.approx(5 * np.exp(0.1))


def test_an_unsolved_action_is_refused():
    system = WithRectangles(2.0, (4, 4), 0.5)
    with pytest.raises(InputError, match="0 for the study charges"):
        studies["charges"](system, StudyInputs(SETTINGS, seed=1))
