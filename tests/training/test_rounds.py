"""Training in rounds: a killed one goes on to the same weights and the same curve."""

import pytest
import torch

from emulant.families.ridge_flow.model import Model
from emulant.systems.phi4.system import Phi4
from emulant.training.rounds import fit_in_rounds
from tests.families.test_ridge_flow import SETTINGS


def fitted(path, **keywords):
    fit = {**SETTINGS["fit"], "samples": 64, "steps": 2}
    model = Model.build({**SETTINGS, "fit": fit}, None, Phi4(0.2, 0.3, (4, 4)))
    return fit_in_rounds(model, seed=7, checkpoint=path, stamp="a", **keywords)


@pytest.mark.parametrize("stop", [1, 3])
def test_a_killed_training_ends_as_one_that_was_not(tmp_path, stop):
    weights, curve = fitted(tmp_path / "whole")
    fitted(tmp_path / "killed", stop_after=stop)
    again, same = fitted(tmp_path / "killed")
    assert torch.equal(again["theta"], weights["theta"]) and str(same) == str(curve)
    assert [row["step"] for row in curve] == [1, 2, 3, 4, 5] and curve[-1]["examples"] == 5 * 64


def test_another_jobs_checkpoint_is_left_aside(tmp_path):
    model = Model.build(SETTINGS, None, Phi4(0.2, 0.3, (4, 4)))
    fitted(tmp_path / "checkpoint", stop_after=2)
    _, curve = fit_in_rounds(model, seed=7, checkpoint=tmp_path / "checkpoint", stamp="b", stop_after=1)
    assert len(curve) == 1


def test_the_loss_falls_to_minus_ln_z(tmp_path):
    """The mean of log q + S is above -ln Z by the divergence, and each round at the action itself lowers it."""
    _, curve = fitted(tmp_path / "checkpoint")
    assert curve[-1]["loss"] < curve[-2]["loss"] + 0.05
