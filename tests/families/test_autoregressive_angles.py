"""Autoregressive angles: a turn of all changes nothing, Z is that of uniform sampling, training finds the law."""

import math

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families.autoregressive_angles.model import Model
from emulant.families.autoregressive_angles.studies import studies
from emulant.families.can_baseline import Model as Published
from emulant.gauge.arrays import wrapped
from emulant.spins.angles import energy
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.systems.xy.system import from_settings
from emulant.training.loop import TrainingSettings, train

SHAPE = (4, 3)
SETTINGS = {
    Model: {
        "name": "a",
        "family": "autoregressive_angles",
        "components": 3,
        "hidden": 8,
        "rank": 2,
        "pool": 2048,
    },
    Published: {"name": "c", "family": "can_baseline", "components": 2, "depth": 3, "width": 6, "reach": 1},
}
models = pytest.mark.parametrize("kind", SETTINGS)


def system_of(beta, shape=SHAPE):
    return from_settings({"beta": beta, "shape": list(shape)})


def model_of(kind, beta, noise=0.1):
    """A model with weights by chance."""
    torch.manual_seed(3)
    model = kind.build(SETTINGS[kind], None, system_of(beta))
    for parameter in model.network.parameters():
        parameter.data = parameter.data + noise * torch.randn_like(parameter)
    return model


def weighed(model, samples=6000):
    drawn = model.sample(samples, torch.Generator().manual_seed(9))
    return (-model.system.action(drawn.values) - drawn.log_q).numpy()


@models
def test_samples_come_with_their_density(kind):
    drawn = model_of(kind, 0.8).sample(60, torch.Generator().manual_seed(2))
    assert float(drawn.values.min()) >= -math.pi and float(drawn.values.max()) < math.pi
    log_q = model_of(kind, 0.8).log_density(drawn.values)
    torch.testing.assert_close(log_q, drawn.log_q, atol=2e-5, rtol=0)


@models
def test_the_partition_function_is_exact_whatever_the_weights(kind):
    """At beta = 0.4, where uniform angles weigh well too: ln Z' of both within 4.5 errors (7e-6)."""
    model = model_of(kind, 0.4, 0.02 if kind is Published else 0.1)
    log_weight = weighed(model, 20000)
    uniform = 2 * math.pi * np.random.default_rng(5).random((200000, *SHAPE)) - math.pi
    value, error = minus_log_mean(log_weight)
    exact, other = minus_log_mean(-0.4 * energy(uniform))
    assert effective_fraction(log_weight)[0] > 0.03
    assert abs(value - exact) < 4.5 * math.hypot(error, other)


def test_a_turn_of_all_angles_changes_nothing():
    """Nor is there a seam: to what single precision leaves. The published laws know a direction."""
    generator = torch.Generator().manual_seed(6)
    for kind, same in ((Model, True), (Published, False)):
        model = model_of(kind, 1.2)
        angles = model.sample(50, generator).values
        turned = wrapped(angles + 2 * math.pi * torch.rand(50, 1, 1, generator=generator).double())
        change = (model.log_density(turned) - model.log_density(angles)).abs().max()
        assert (float(change) < 2e-4) == same
        assert same or float(change) > 0.1


@pytest.fixture(scope="module")
def tempered(tmp_path_factory):
    """One model for two temperatures of 6 x 6."""
    torch.manual_seed(1)
    settings = SETTINGS[Model] | {"conditions": {"beta": [0.6, 1.0]}, "hidden": 16, "rank": 4}
    model = Model.build(settings, None, system_of(0.8, (6, 6)))
    numbers = TrainingSettings(steps=150, batch=32, learning_rate=1e-2, ema=0.95, report_every=50)
    examples = model.examples(None, 1)
    folder = tmp_path_factory.mktemp("angles")
    weights, _ = train(model, examples, numbers, seed=1, checkpoint=folder / "c", stamp="x")
    model.finished(weights, examples, torch.Generator())
    return model.eval()


def test_a_short_training_finds_the_law(tempered):
    for beta, least in ((0.6, 0.85), (0.8, 0.6), (1.0, 0.6)):
        model = tempered.at(tempered.system.at({"beta": beta}))
        fresh = Model.build(SETTINGS[Model], None, model.system)
        after, before = weighed(model), weighed(fresh)
        (value, error), (other, wide) = minus_log_mean(after), minus_log_mean(before)
        assert effective_fraction(after)[0] > max(least, effective_fraction(before)[0] + 0.05)
        assert abs(value - other) < 4.5 * math.hypot(error, wide)


def test_the_study_of_observables(tempered):
    """Weights bring the energy to that of the Schwinger-Dyson identity: its violation vanishes within 4.5 errors."""
    inputs = StudyInputs({"betas": [0.6, 0.9], "samples": 4096}, 1, None, {"a": tempered})
    table = studies["reweighted"](tempered.system, inputs).table
    assert {"energy_density", "helicity_modulus", "vortex_density", "susceptibility"} <= set(
        table["observable"]
    )
    rows = table[table["observable"] == "schwinger_dyson"]
    assert len(rows) == 2 and (rows["value"].abs() < 4.5 * rows["error"]).all()
    energies = table[table["observable"] == "energy_density"]["value"].to_numpy()
    assert energies[1] < energies[0] < -0.6
    with pytest.raises(InputError, match=r"a value from 0\.6 to 1"):
        studies["free_energy"](
            tempered.system, StudyInputs({"betas": [1.1], "samples": 64}, 1, None, {"a": tempered})
        )


def test_what_autoregressive_angles_need():
    for kind in SETTINGS:
        with pytest.raises(InputError, match="HasRotors"):
            kind.build(SETTINGS[kind], None, Phi4(0.2, 0.1, (4, 4)))
    with pytest.raises(InputError, match=r"0\.8, the temperature of the training"):
        model_of(Published, 0.8).at(system_of(0.9))
