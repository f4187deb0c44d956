"""A flow to a part of the interaction and annealing from there: exact in Z, and a dial between cost and weight."""

import numpy as np
import pytest
import torch

from emulant.families.annealed_flow.model import Model
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from tests.families import test_ridge_flow
from tests.families.chains import transfer_matrix_log_z

CHAIN = (0.4, 0.3, (8,))
SETTINGS = {
    **test_ridge_flow.SETTINGS,
    "name": "annealed_flow",
    "family": "annealed_flow",
    "part": 0.5,
    "levels": 4,
    "fit": {"samples": 512, "rounds": 2, "path": [0.3], "steps": 4, "ridge": 1e-3},
    "generation": {"steps": 8},
}


def fitted(**settings):
    model = Model.build(SETTINGS | settings, None, Phi4(*CHAIN))
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(number), {})
    return model


def work(model, count=4096):
    return model.sample(count, torch.Generator().manual_seed(9)).work.numpy()


@pytest.fixture(scope="module")
def model():
    return fitted()


def test_ln_z_of_a_chain_is_that_of_its_transfer_matrix(model):
    """To four errors, where half of the interaction is left to the annealing."""
    value, error = minus_log_mean(-work(model))
    assert abs(value + transfer_matrix_log_z(*CHAIN[:2], 8)) < 4 * error < 0.02


def test_more_levels_weigh_more_alike(model):
    """The variance of the work falls with the number of levels, here 1, 4 and 16, with the same flow before them."""
    variances = [work(fitted(levels=1)).var(), work(model).var(), work(fitted(levels=16)).var()]
    assert variances[2] < 0.6 * variances[1] < 0.6 * 0.8 * variances[0]


def test_the_flow_is_fitted_to_the_part_that_is_asked_for(model):
    """Its own samples have nearly equal weights for exp(-S_t) of t = 0.5, and less so for exp(-S)."""
    with torch.no_grad():
        fields, log_q = model.flow.drawn(4096, torch.Generator().manual_seed(5), 8)
    fractions = [
        effective_fraction((-model.start.on_path(model.system.action, t)(fields) - log_q).numpy())[0]
        for t in (0.5, 1.0)
    ]
    assert fractions[0] > 0.99 > fractions[1]


def test_paths_run_back_as_they_came(model):
    """Of the first level alone, the flow: its work is the same in both directions, by the same fields."""
    latents = model.start.sample(16, torch.Generator().manual_seed(1))
    maps = model.paths.transport
    fields, log_det = maps.forward(0, latents)
    again, same = maps.backward(0, fields)
    torch.testing.assert_close(again, latents, atol=1e-4, rtol=0)
    torch.testing.assert_close(same, log_det, atol=1e-4, rtol=0)
    assert model.paths.times == pytest.approx([0, 0.5, 0.625, 0.75, 0.875, 1])
    assert np.isfinite(model.paths.backward(fields, 3).work.numpy()).all()
