"""Learned flows of links: densities by autograd, gauge transformations, charge conjugation, translations, training."""

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families._haar import drawn_angles
from emulant.families.gauge_flow.model import Model
from emulant.families.gauge_flow.pairs import PERIOD, pairs_of
from emulant.families.gauge_flow.studies import studies
from emulant.families.gauge_flow_baseline.model import Model as Baseline
from emulant.gauge.arrays import wrapped
from emulant.gauge.symmetries import transformed
from emulant.networks.parity import ParityPerceptron
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.systems.u1.system import U1, from_settings
from emulant.training.loop import TrainingSettings, train

SHAPE = (4, 8)
SETTINGS = {
    Model: {
        "name": "g",
        "family": "gauge_flow",
        "start": "smooth_spread",
        "layers": PERIOD,
        "knots": 5,
        "width": 6,
    },
    Baseline: {
        "name": "b",
        "family": "gauge_flow_baseline",
        "layers": PERIOD,
        "components": 2,
        "hidden": [4],
    },
}
flows = pytest.mark.parametrize("kind", SETTINGS)


def model_of(kind, shape=SHAPE, noise=0.1, **settings):
    """A model with weights by chance."""
    torch.manual_seed(3)
    system = from_settings({"beta": 1.5, "rectangle": 0.3, "shape": list(shape)})
    model = kind.build(SETTINGS[kind] | settings, None, system)
    for parameter in model.network.parameters():
        parameter.data = noise * torch.randn_like(parameter)
    return model


@flows
def test_the_density_is_that_of_the_map(kind):
    """The couplings' sum of ln of slopes is ln |det| by autograd of the map of all plaquettes but the last."""
    model = model_of(kind, (4, 4))
    begun = torch.sin(torch.arange(32.0, dtype=torch.float64)).reshape(2, 16)
    begun[:, -1] = -begun[:, :-1].sum(1)
    with torch.no_grad():
        _, log_jacobian = model.network(begun, model.condition[0])
    for row, expected in zip(begun, log_jacobian, strict=True):

        def mapped(free):
            whole = torch.cat([free, -free.sum(0, keepdim=True)])
            return model.network(whole[None], model.condition[0])[0][0, :-1]

        jacobian = torch.autograd.functional.jacobian(mapped, row[:-1].clone())
        # The networks are in single precision, and so are derivatives through them.
        assert float(torch.linalg.slogdet(jacobian).logabsdet) == pytest.approx(float(expected), abs=2e-5)


@flows
def test_log_density_is_what_samples_come_with(kind):
    model = model_of(kind)
    drawn = model.sample(40, torch.Generator().manual_seed(2))
    torch.testing.assert_close(model.log_density(drawn.values), drawn.log_q, atol=1e-6, rtol=0)
    assert float(drawn.values.min()) >= -np.pi and float(drawn.values.max()) < np.pi
    assert np.isfinite(model.system.view(drawn.values.numpy()).charge).all()


@flows
def test_gauge_transformations_commute_with_the_flow(kind):
    """f(z^g) = f(z)^g and the same log q, to 1e-6."""
    model, generator = model_of(kind), torch.Generator().manual_seed(5)
    links, spare = drawn_angles(20, model.site_shape, generator)
    gauge = 2 * np.pi * torch.rand(20, *SHAPE, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        one, log_q = model.moved(links, spare)[1:]
        two, again = model.moved(transformed(links, gauge), spare)[1:]
    assert float(wrapped(two - transformed(one, gauge)).abs().max()) < 1e-6
    torch.testing.assert_close(again, log_q, atol=1e-6, rtol=0)
    torch.testing.assert_close(model.log_density(transformed(one, gauge)), log_q, atol=1e-6, rtol=0)


def test_charge_conjugation_turns_the_map_round():
    model = model_of(Model)
    links, spare = drawn_angles(20, model.site_shape, torch.Generator().manual_seed(6))
    with torch.no_grad():
        one, log_q = model.moved(links, spare)[1:]
        two, again = model.moved(-links, -spare)[1:]
    assert float(wrapped(one + two).abs().max()) < 1e-4
    # What rounding in the networks' single precision leaves.
    torch.testing.assert_close(again, log_q, atol=1e-4, rtol=0)
    torch.testing.assert_close(model.log_density(-one), model.log_density(one), atol=1e-4, rtol=0)


@flows
def test_couplings_commute_with_translations_by_their_period(kind):
    """By 4 plaquettes in either direction."""
    model = model_of(kind, (8, 8))
    begun = wrapped(torch.randn(5, 64, generator=torch.Generator().manual_seed(7), dtype=torch.float64))
    with torch.no_grad():
        one, log_jacobian = model.network(begun, model.condition[0])
        for axis in (1, 2):
            moved = begun.unflatten(1, (8, 8)).roll(4, axis).flatten(1)
            two, again = model.network(moved, model.condition[0])
            assert float(wrapped(two - one.unflatten(1, (8, 8)).roll(4, axis).flatten(1)).abs().max()) < 1e-5
            torch.testing.assert_close(again, log_jacobian, atol=1e-5, rtol=0)


@pytest.mark.parametrize("shape", [(4, 8), (8, 4), (12, 8)])
def test_pairs_that_move_have_frozen_neighbours(shape):
    """In each layer a quarter of all links moves, no plaquette twice, and what a layer sees it leaves alone."""
    volume, moved = shape[0] * shape[1], set()
    for layer in range(PERIOD):
        pairs = pairs_of(layer, shape)
        active = {*pairs.first.tolist(), *pairs.second.tolist()}
        assert len(active) == volume // 2 == 2 * len(pairs.first)
        assert not active & set(pairs.beside.flatten().tolist())
        steps = (pairs.second - pairs.first).abs().unique().tolist()
        unit = (shape[1], 1)[layer % 2]
        assert set(steps) <= {unit, unit * (shape[layer % 2] - 1)}
        moved |= {(layer % 2, n) for n in pairs.first.tolist()}
    assert len(moved) == 2 * volume


def test_outputs_have_the_parity_of_their_inputs():
    torch.manual_seed(1)
    network = ParityPerceptron((3, 4), 5, (2, 6))
    assert not any(part.any() for part in network(torch.randn(7, 3), torch.randn(7, 4)))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    even, odd = torch.randn(7, 3), torch.randn(7, 4)
    one, two = network(even, odd), network(even, -odd)
    assert torch.equal(one[0], two[0]) and torch.equal(one[1], -two[1]) and one[1].any()


@flows
def test_the_partition_function_is_exact_whatever_the_weights(kind):
    """At beta = 0.5 on 4 x 4, where weights by chance cost little: ln Z within 4.5 errors (7e-6) of 6000 samples."""
    torch.manual_seed(3)
    model = kind.build(SETTINGS[kind], None, U1(0.5, (4, 4)))
    for parameter in model.network.parameters():
        parameter.data += 0.03 * torch.randn_like(parameter)
    log_weight = weighed(model, 6000)
    value, error = minus_log_mean(log_weight)
    assert effective_fraction(log_weight)[0] > 0.05
    assert abs(value + model.system.log_partition()) < 4.5 * error


def losses_at(model, parameter, step):
    """Losses of 40 x 64 samples with the same random numbers above and below, and their difference over 2 steps."""
    direction = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(4))
    losses, start = [], parameter.data.clone()
    for shift in (step, -step):
        parameter.data = start + shift * direction
        with torch.no_grad():
            losses.append(
                [float(model.loss(torch.empty(64, 0), torch.Generator().manual_seed(n))) for n in range(40)]
            )
    parameter.data = start
    return direction, (np.array(losses[0]) - np.array(losses[1])) / (2 * step)


def gradients_of(model, parameter, direction):
    """Derivatives along a direction of the same losses."""
    slopes = []
    for n in range(40):
        loss = model.loss(torch.empty(64, 0), torch.Generator().manual_seed(n))
        (gradient,) = torch.autograd.grad(loss, parameter)
        slopes.append(float((gradient * direction).sum()))
    return np.array(slopes)


def test_gradients_by_weights_miss_no_jump():
    """Those of samples are the finite differences of the same samples, to 2 %: the maps are continuous."""
    model = model_of(Model, (4, 4), layers=3)
    parameter = model.network.couplings[0].network.even_mix.weight
    direction, differences = losses_at(model, parameter, 0.01)
    slopes = gradients_of(model, parameter, direction)
    assert slopes.mean() == pytest.approx(differences.mean(), rel=0.02)


def test_the_gradient_by_the_coupling_of_the_start():
    """The covariance agrees with finite differences through the smooth spread within 4.5 errors (7e-6)."""
    model = model_of(Model, (4, 4), layers=1)
    parameter = model.network.log_ratio
    direction, differences = losses_at(model, parameter, 0.01)
    pulls = gradients_of(model, parameter, direction) - differences
    assert abs(pulls.mean()) < 4.5 * pulls.std() / np.sqrt(len(pulls))
    assert abs(differences.mean()) > 5 * pulls.std() / np.sqrt(len(pulls))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A flow for beta from 1.5 to 2.5 and c = 0.5 on 4 x 4, whose start has an effective part of some 0.2."""
    torch.manual_seed(1)
    system = from_settings({"beta": 2.0, "rectangle": 0.5, "shape": [4, 4]})
    settings = SETTINGS[Model] | {"start": "augmented_spread", "conditions": {"beta": [1.5, 2.5]}}
    model = Model.build(settings, None, system)
    numbers = TrainingSettings(
        steps=90, batch=128, learning_rate=1e-2, ema=0.95, gradient_clip=10.0, report_every=30
    )
    checkpoint = tmp_path_factory.mktemp("gauge_flow") / "c"
    weights, curve = train(model, model.examples(None, 1), numbers, seed=1, checkpoint=checkpoint, stamp="x")
    model.finished(weights, model.examples(None, 1), torch.Generator())
    return model.eval(), curve


def weighed(model, samples=3000):
    drawn = model.sample(samples, torch.Generator().manual_seed(9))
    return (-model.system.action(drawn.values) - drawn.log_q).numpy()


@pytest.mark.parametrize("beta", [1.5, 2.0, 2.5])
def test_a_short_training_ties_plaquettes_together(trained, beta):
    """Between the couplings of its training too; ln Z stays within 4.5 errors (7e-6) of what weighs the start."""
    model, curve = trained
    assert curve[-1]["loss"] < curve[0]["loss"] - 0.1
    model = model.at(model.system.at({"beta": beta}))
    fresh = Model.build(SETTINGS[Model], None, model.system)
    after, before = weighed(model), weighed(fresh, 20000)
    assert effective_fraction(after)[0] > 0.75 > effective_fraction(before)[0] + 0.1
    (value, error), (other, wide) = minus_log_mean(after), minus_log_mean(before)
    assert abs(value - other) < 4.5 * np.hypot(error, wide)


def test_the_study_of_couplings(trained):
    model, _ = trained
    inputs = StudyInputs({"parameter": "beta", "values": [1.5, 2.2], "samples": 256}, 1, None, {"g": model})
    table = studies["couplings"](model.system, inputs).table
    assert table["trained"].tolist() == [True, False] and (table["ess"] > 0.5).all()


def test_what_a_flow_of_pairs_needs():
    with pytest.raises(InputError, match="HasPlaquettes"):
        Model.build(SETTINGS[Model], None, Phi4(0.2, 0.1, (4, 4)))
    for kind in SETTINGS:
        with pytest.raises(InputError, match=r"system: shape: expected sides that are multiples of 4"):
            kind.build(SETTINGS[kind], None, U1(2.0, (4, 6)))
    with pytest.raises(InputError, match="a positive coupling of plaquettes"):
        Model.build(SETTINGS[Model], None, U1(0.0, (4, 4)))
