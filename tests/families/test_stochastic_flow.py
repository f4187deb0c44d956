"""The stochastic flow: its maps lower the work's variance, its weights are exact, lost phases are seen."""

import numpy as np
import pytest
import torch

from emulant.families.stochastic_flow.model import Model
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from tests.families.chains import transfer_matrix_log_z

SETTINGS = {
    "name": "stochastic_flow",
    "family": "stochastic_flow",
    "levels": 4,
    "power": 1.0,
    "hats": 4,
    "shells": 1,
    "fit": {"walkers": 512, "ridge": 1e-3},
    "generation": {},
}
CHAIN = (0.4, 0.3, (8,))


@pytest.fixture(scope="module")
def fitted():
    model, carried = Model.build(SETTINGS, None, Phi4(*CHAIN)), {}
    reports = [
        model.fit_round(number, torch.Generator().manual_seed(number), carried)
        for number in range(model.rounds)
    ]
    return model, reports


def work(model, count=4096):
    return model.sample(count, torch.Generator().manual_seed(9)).work.numpy()


def test_ln_z_of_a_chain_is_that_of_its_transfer_matrix(fitted):
    value, error = minus_log_mean(-work(fitted[0]))
    assert abs(value + transfer_matrix_log_z(0.4, 0.3, 8)) < 4 * error < 0.02


def test_maps_are_worth_their_fit(fitted):
    """Of the variance of dS/dt at most a tenth is left, and the paths weigh more alike than those without maps."""
    model, reports = fitted
    assert max(report["loss"] for report in reports) < 0.1
    bare = Model.build(SETTINGS, None, Phi4(*CHAIN))
    fractions = [effective_fraction(-work(m))[0] for m in (bare, model)]
    assert fractions[0] < 0.95 < 0.99 < fractions[1]


def test_maps_are_inverted(fitted):
    model, _ = fitted
    fields = model.start.sample(5, torch.Generator().manual_seed(1)).double()
    model = model.double()
    maps = model.maps
    mapped, log_det = maps.forward(2, fields)
    again, same = maps.backward(2, mapped)
    torch.testing.assert_close(again, fields, atol=1e-4, rtol=0)
    torch.testing.assert_close(same, log_det, atol=1e-4, rtol=0)
    model.float()


def test_the_fit_of_a_gaussian_target_is_exact():
    """lambda -> 0 with another mass is a Gaussian whose linear channel carries all: the residual vanishes."""

    class Softer(Phi4):
        def inverse_power(self):
            return super().inverse_power() + 0.5

    model = Model.build(SETTINGS, None, Softer(0.1, 0.0, (6,)))
    report = model.fit_round(0, torch.Generator().manual_seed(1), {})
    assert report["loss"] < 0.02


def test_a_round_needs_only_what_the_last_one_left(fitted):
    """A model and its walkers, put together anew, go on to the same weights."""
    one, carried = Model.build(SETTINGS, None, Phi4(*CHAIN)), {}
    one.fit_round(0, torch.Generator().manual_seed(0), carried)
    two = Model.build(SETTINGS, None, Phi4(*CHAIN))
    two.network.load_state_dict(one.network.state_dict())
    left = {"walkers": carried["walkers"].clone()}
    for model, rest in ((one, carried), (two, left)):
        model.fit_round(1, torch.Generator().manual_seed(1), rest)
    np.testing.assert_array_equal(one.network.theta.detach(), two.network.theta.detach())
