"""The path sampler: ln Z that is known, columns against autograd, every way of training, the symmetry of the drifts."""

import copy

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.families.path_sampler.changes import path_columns, pulled_back, shift_levels, units
from emulant.families.path_sampler.drifts import AHEAD, BACK
from emulant.families.path_sampler.floor import trace_noise
from emulant.families.path_sampler.model import Model
from emulant.families.path_sampler.polish import POLISH
from emulant.families.path_sampler.studies import studies
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from tests.families.chains import transfer_matrix_log_z

FIT = {
    "walkers": 256,
    "newton": 1,
    "ridge": 1e-2,
    "polish": ["gauss_newton", "gauss_newton"],
    "paths": 1024,
    "replay": 512,
    "polynomials": 1,
    "steps": 20,
    "batch": 128,
    "learning_rate": 0.01,
}
SETTINGS = {
    "name": "path_sampler",
    "family": "path_sampler",
    "levels": 12,
    "power": 1.0,
    "noise": 0.3,
    "hats": 3,
    "shells": 0,
    "fit": FIT,
    "generation": {},
}
CHAIN = (0.4, 0.3, (8,))


def built(system=None, **settings):
    return Model.build({**SETTINGS, **settings}, None, system or Phi4(*CHAIN))


def fit(model, first=0, last=None, carried=None):
    """Fit rounds of a model; returns what they report."""
    carried = {} if carried is None else carried
    return [
        model.fit_round(number, torch.Generator().manual_seed(number), carried)
        for number in range(first, model.rounds if last is None else last)
    ]


@pytest.fixture(scope="module")
def fitted():
    model = built()
    fit(model)
    return model


def work(model, count=4096):
    return model.sample(count, torch.Generator().manual_seed(9)).work.numpy()


def fraction(model):
    return effective_fraction(-work(model, 2048))[0]


def by_chance(model, deviation, seed=1):
    """A copy with other weights."""
    other = copy.deepcopy(model)
    torch.manual_seed(seed)
    with torch.no_grad():
        other.network.theta += deviation * torch.randn_like(other.network.theta)
    return other


def spoiled(model, amount):
    """A copy whose corrections are changed alike at all levels, each weight by some of what moves W by its deviation."""
    other, generator = copy.deepcopy(model), torch.Generator().manual_seed(1)
    with torch.no_grad():
        start = model.start.sample(256, generator)
        states = torch.stack([start, *(step.fields for step in model.paths.ahead(start, generator))])
        unit = units(path_columns(model.paths.drifts, states, 1))
        shift_levels(other.network, amount * unit * torch.randn(unit.shape, generator=generator), 1)
    return other


@pytest.mark.parametrize("deviation", [0.0, 0.002])
def test_ln_z_of_a_chain_is_that_of_its_transfer_matrix(fitted, deviation):
    """Within 4 errors, trained well or not."""
    value, error = minus_log_mean(-work(by_chance(fitted, deviation)))
    assert abs(value + transfer_matrix_log_z(0.4, 0.3, 8)) < 4 * error < 0.05


def test_each_part_of_the_training_is_worth_its_time(fitted):
    """Forces alone, levels, whole paths: the effective part grows, and what fresh paths said before each round says so."""
    forces, levels = built(), built()
    fit(levels, last=12)
    fractions = [fraction(model) for model in (forces, levels, fitted)]
    assert fractions[0] < 0.75 < 0.82 < fractions[1] < 0.9 < fractions[2]
    before = fitted.network.history[0]
    assert abs(float(before[4]) - fractions[1]) < 4 * float(before[5]) + 0.05


def test_columns_are_derivatives_of_the_work():
    """Of single paths, by weights at all levels, against autograd."""
    model = by_chance(built(levels=3), 0.02).double()
    paths = model.paths
    start = model.start.sample(4, torch.Generator().manual_seed(1)).double()
    with torch.no_grad():
        steps = [*paths.ahead(start, torch.Generator().manual_seed(2))]
        states = torch.stack([start, *(step.fields for step in steps)])
        columns = path_columns(paths.drifts, states, 2)
    for number in range(4):
        total = paths.work_along(states[:, number : number + 1]).sum()
        (gradient,) = torch.autograd.grad(total, model.network.theta)
        torch.testing.assert_close(columns[number], pulled_back(gradient, 2), atol=1e-9, rtol=1e-6)


def test_a_gradient_is_pulled_back_as_a_change_is_spread():
    """<gradient, spread change> = <pulled gradient, change>."""
    model = built(levels=3)
    gradient = torch.randn_like(model.network.theta)
    change = torch.randn(2 * model.network.theta[0, 0].numel() * 2)
    with torch.no_grad():
        shift_levels(model.network, change, 2)
    spread = float((gradient * model.network.theta).sum().detach())
    assert float(pulled_back(gradient, 2) @ change) == pytest.approx(spread, rel=1e-3)


@pytest.mark.parametrize("loss", POLISH)
def test_every_loss_repairs_a_model(fitted, loss):
    """Of weights that were moved by chance, in one round."""
    model = spoiled(fitted, 0.1)
    model.settings = {**model.settings, "fit": {**FIT, "polish": [loss], "steps": 40}}
    before = fraction(model)
    fit(model, first=12, last=13)
    assert before < 0.5 and fraction(model) > 0.7


def test_only_kl_moves_the_noise_within_its_bound(fitted):
    bound = fitted.network.largest
    for loss, moves in (("kl", True), ("log_variance", False)):
        model = copy.deepcopy(fitted)
        model.settings = {
            **model.settings,
            "fit": {**FIT, "polish": [loss], "steps": 1, "learning_rate": 0.5},
        }
        fit(model, first=12, last=13)
        noise = torch.stack([model.network.noise(level) for level in range(12)]).detach()
        assert ((noise > 0) & (noise < bound)).all()
        assert ((noise - 0.3 * bound).abs().max() > 0.05 * bound) == moves


def test_drifts_have_the_symmetries_of_the_action(fitted):
    """phi -> -phi, translations and reflections: so that random moves along a path would change nothing."""
    fields = fitted.start.sample(5, torch.Generator().manual_seed(1))
    for move in (torch.neg, lambda x: x.roll(3, 1), lambda x: x.flip(1)):
        for one, other in zip(
            fitted.paths.drifts.displacements(6, move(fields)),
            fitted.paths.drifts.displacements(6, fields),
            strict=True,
        ):
            torch.testing.assert_close(one, move(other), atol=1e-5, rtol=1e-4)


def test_earlier_paths_are_bounded_and_all_that_rounds_leave():
    """A model put together anew from its weights and what the last round left goes on to the same weights."""
    settings = {"levels": 2, "fit": {**FIT, "paths": 64, "replay": 96}}
    one, carried = built(**settings), {}
    fit(one, last=3, carried=carried)
    assert set(carried) == {"replay"} and carried["replay"].shape == (3, 64, 8)
    two = built(**settings)
    two.network.load_state_dict(one.network.state_dict())
    fit(two, first=3, carried={"replay": carried["replay"].clone()})
    fit(one, first=3, carried=carried)
    assert carried["replay"].shape == (3, 96, 8)
    np.testing.assert_array_equal(one.network.theta.detach(), two.network.theta.detach())


def test_the_record_of_a_training_is_a_table(fitted):
    result = studies["reversibility"](None, StudyInputs({}, 1, None, {"model": fitted}))
    table = result.table
    assert table["loss"].tolist() == FIT["polish"] and table["round"].tolist() == [1, 2]
    assert table["ess"].is_monotonic_increasing and (table["forward"] > 0).all()
    # The bound is nearly all of the variance: 15 % of both are three times their errors.
    assert 0.5 < result.record["trace_noise"] / work(fitted).var() < 1.15


def test_trace_noise_of_a_linear_transport():
    """One channel, one function: v = a phi costs 2 V a^2 a level, to 5 %, four errors of one probe of 256 fields each."""
    model = built(levels=2)
    gain, channel = 0.01, model.velocity.channels.filters[0].flatten()[0]
    with torch.no_grad():
        model.network.theta[AHEAD, :-1, 0] = gain / channel
        model.network.theta[BACK, 1:, 0] = -gain / channel
        start = model.start.sample(256, torch.Generator().manual_seed(1))
        bound = trace_noise(model.paths, start, torch.Generator().manual_seed(2))
    assert bound == pytest.approx(2 * 2 * 8 * gain**2, rel=0.05)
