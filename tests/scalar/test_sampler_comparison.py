"""Samplers side by side: Z of a chain by each of them, and what counts as above annealing."""

import math
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.families.stochastic_flow.model import Model
from emulant.scalar.sampler_comparison import _above, compare_samplers
from emulant.storage.ensemble import EnsembleWriter
from emulant.systems.phi4.system import Phi4
from tests.families.chains import transfer_matrix_log_z
from tests.families.test_stochastic_flow import SETTINGS

SYSTEM = (0.4, 0.3, (8,))


class Network:
    """A model that was trained on data: two evaluations of a layer of 8 x 8 for each sample."""

    settings: ClassVar[dict] = {"training": {"steps": 10, "batch": 5}}
    evaluations = 2

    def sample(self, count, generator):
        layer = torch.eye(8)
        return torch.randn(count, 8, generator=generator) @ layer @ layer


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    system = Phi4(*SYSTEM)
    model, path = Model.build(SETTINGS, None, system), tmp_path_factory.mktemp("study") / "ensemble.h5"
    drawn = model.sample(512, torch.Generator().manual_seed(1))
    attributes = {"weights_applied": False, "system": "phi4", "parameters": "{}", "sampler": "model"}
    with EnsembleWriter(path, (8,), attributes=attributes, dtype="float32", log_weight=True) as writer:
        writer.append(drawn.values.numpy(), log_weight=-drawn.work.numpy())
    settings = {"levels": [2, 16], "walkers": 200, "runs": 6, "phases": 1}
    bare = tmp_path_factory.mktemp("bare") / "ensemble.h5"
    with EnsembleWriter(bare, (8,), attributes=attributes, dtype="float32") as writer:
        writer.append(drawn.values.numpy())
    said = {
        "ess": 0.5,
        "ess_error": 0.1,
        "minus_log_z": -1.0,
        "minus_log_z_error": 0.2,
        "likelihood_samples": 64,
    }
    return compare_samplers(
        system,
        StudyInputs(
            settings,
            5,
            models={"model": model, "uncorrected": model, "network": Network()},
            ensembles={"model": path, "uncorrected": bare, "network": bare},
            corrections={"network": said},
        ),
    )


def test_every_sampler_has_the_same_z(table):
    """Within 4 errors of the transfer matrix's."""
    exact = -transfer_matrix_log_z(*SYSTEM[:2], 8)
    rows = table.table[table.table["sampler"] != "network"].dropna(subset="minus_log_z")
    assert set(rows["sampler"]) == {"annealing", "sequential", "model"}
    assert (abs(rows["minus_log_z"] - exact) < 4 * rows["minus_log_z_error"]).all()
    assert (rows["minus_log_z_error"] < 0.2).all()


def test_more_levels_cost_more_and_lose_less(table):
    few, many = table.table[table.table["sampler"] == "annealing"].itertuples()
    assert many.ess > few.ess and many.operations == 8 * few.operations


def test_the_moves_alone_have_an_autocorrelation(table):
    for name in ("moves", "hybrid"):
        row = table.table[table.table["sampler"] == name].iloc[0]
        assert 0.1 < row["ess"] <= 1.05 and math.isnan(row["minus_log_z"])


def test_a_model_without_weights_in_its_maps_is_annealing(table):
    """As it is drawn, untrained: maps that do nothing cost operations and gain nothing."""
    assert table.record["above_annealing"]["model"] is False


def test_a_model_whose_likelihoods_were_integrated_has_their_row(table):
    """Torch counts 2 * 8 * 8 operations of each layer and sample; a training step costs three evaluations an example."""
    row = table.table.set_index("sampler").loc["network"]
    assert (row["ess"], row["minus_log_z"], row["samples"]) == (0.5, -1.0, 64)
    assert row["operations"] == 2 * 128 and row["training_operations"] == 3 * 50 * 128
    assert "uncorrected" not in set(table.table["sampler"])


@pytest.mark.parametrize(
    ("ess", "operations", "above"),
    [(0.7, 100.0, True), (0.7, 1000.0, False), (0.85, 1000.0, True), (0.7, 1e6, False), (0.3, 1.0, False)],
)
def test_above_annealing_of_the_same_cost(ess, operations, above):
    """The curve goes from 0.5 at 100 to 0.8 at 1000 operations, and on as its ends do."""
    rows = [("annealing", 0.5, 100.0), ("annealing", 0.8, 1000.0), ("model", ess, operations)]
    frame = pd.DataFrame(rows, columns=["sampler", "ess", "operations"])
    assert _above(frame) == {"model": above}


def test_the_table_repeats_itself(table):
    assert table.table["samples"].tolist()[2:4] == [1200, 1200] and np.isfinite(table.table["ess"]).all()
