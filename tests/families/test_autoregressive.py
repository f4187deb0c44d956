"""Autoregressive spins: probabilities of all states add up to 1, log q knows no sign, training finds the law."""

import itertools

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families._weights import study_exact_weights
from emulant.families.autoregressive.model import Model
from emulant.families.autoregressive.studies import studies
from emulant.families.van_baseline import Model as Published
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.ising.system import from_settings
from emulant.systems.phi4.system import Phi4
from emulant.training.loop import TrainingSettings, train

SHAPE = (4, 3)
SETTINGS = {
    Model: {
        "name": "a",
        "family": "autoregressive",
        "states": 2,
        "rows": 2,
        "hidden": 8,
        "rank": 2,
        "pool": 4096,
        "objective": "labels",
    },
    Published: {"name": "v", "family": "van_baseline", "depth": 3, "width": 6, "reach": 3},
}
models = pytest.mark.parametrize("kind", SETTINGS)


def system_of(beta=0.44, shape=SHAPE, **changed):
    return from_settings({"beta": beta, "shape": list(shape), **changed})


def model_of(kind, system=None, noise=0.3, **settings):
    """A model with weights by chance."""
    torch.manual_seed(3)
    model = kind.build(SETTINGS[kind] | settings, None, system or system_of())
    for parameter in model.network.parameters():
        parameter.data = parameter.data + noise * torch.randn_like(parameter)
    return model


def states():
    every = itertools.product([1, -1], repeat=SHAPE[0] * SHAPE[1])
    return torch.tensor(list(every), dtype=torch.int8).reshape(-1, *SHAPE)


def trained(model, steps, batch, folder, rate=1e-2):
    numbers = TrainingSettings(steps=steps, batch=batch, learning_rate=rate, ema=0.95, report_every=steps)
    examples = model.examples(None, 1)
    weights, curve = train(model, examples, numbers, seed=1, checkpoint=folder / "c", stamp="x")
    model.finished(weights, examples, torch.Generator())
    return model.eval(), curve


def weighed(model, samples=4000):
    drawn = model.sample(samples, torch.Generator().manual_seed(9))
    return (-model.system.action(drawn.values) - drawn.log_q).numpy()


@models
@pytest.mark.parametrize("lattice", ["square", "triangular"])
def test_probabilities_of_all_states_add_up(kind, lattice):
    """To 1 and for either sign alike, whatever the weights; samples come with theirs."""
    model = model_of(kind, system_of(lattice=lattice))
    every = states()
    log_q = model.log_density(every)
    assert float(log_q.exp().sum()) == pytest.approx(1, abs=1e-6)
    torch.testing.assert_close(log_q, model.log_density(-every), atol=1e-5, rtol=0)
    drawn = model.sample(200, torch.Generator().manual_seed(2))
    assert drawn.values.dtype == torch.int8 and set(drawn.values.unique().tolist()) == {-1, 1}
    torch.testing.assert_close(model.log_density(drawn.values), drawn.log_q, atol=1e-5, rtol=0)


@models
def test_samples_have_these_probabilities(kind):
    """Chi-squared of the eight commonest states and the rest, 20000 samples: 8 degrees of freedom, limit 45 (4e-7)."""
    model, every = model_of(kind), states()
    probability = model.log_density(every).exp().numpy()
    drawn = model.sample(20000, torch.Generator().manual_seed(4)).values
    code = 2 ** torch.arange(11, -1, -1)
    number = ((drawn.flatten(1) < 0).long() @ code).numpy()
    common = np.argsort(probability)[-8:]
    counts = np.bincount(number, minlength=len(every))[common]
    expected = 20000 * probability[common]
    rest = (20000 - counts.sum()) - 20000 * (1 - probability[common].sum())
    chi = ((counts - expected) ** 2 / expected).sum() + rest**2 / (20000 * (1 - probability[common].sum()))
    assert chi < 45


@models
def test_gradients_of_the_reverse_divergence(kind):
    """Along one direction, 200 batches against the enumeration: within 4.5 errors (7e-6)."""
    model = model_of(kind, objective="reverse_divergence")
    every = states()
    parameter = dict(model.network.named_parameters())["linear" if kind is Model else "layers.0.weight"]
    # That of a batch of its own, so that there is a slope to be missed.
    large = model.loss(torch.empty(2048, 0), torch.Generator().manual_seed(999))
    (direction,) = torch.autograd.grad(large, parameter)
    direction /= direction.norm()
    slopes = []
    for n in range(200):
        loss = model.loss(torch.empty(64, 0), torch.Generator().manual_seed(n))
        (gradient,) = torch.autograd.grad(loss, parameter)
        slopes.append(float((gradient * direction).sum()))
    values, start = [], parameter.data.clone()
    for shift in (1e-2, -1e-2):
        parameter.data = start + shift * direction
        log_q = model.log_density(every)
        values.append(float((log_q.exp() * (log_q + model.system.action(every))).sum()))
    exact = (values[0] - values[1]) / 2e-2
    error = np.std(slopes) / np.sqrt(len(slopes))
    # The mean of a batch of 64 as its own baseline takes a 64th of the gradient of the published loss.
    factor = 1 if kind is Model else 64 / 63
    assert abs(factor * np.mean(slopes) - exact) < 4.5 * error and abs(exact) > 5 * error


@pytest.mark.parametrize(
    ("lattice", "few", "all_of_them"),
    [("square", {"states": 1}, {"states": 8}), ("triangular", {"rows": 1}, {"rows": 3})],
)
def test_the_start_is_the_law_of_the_rows_that_come(lattice, few, all_of_them):
    """Untrained, on 4 x 3 at beta = 0.44: all states of a column are exact, windows of three rows but for the first row."""
    system = system_of(lattice=lattice)
    poor, good = (Model.build(SETTINGS[Model] | changed, None, system) for changed in (few, all_of_them))
    assert effective_fraction(weighed(poor))[0] < 0.95 < effective_fraction(weighed(good))[0]
    assert (weighed(good).std() < 1e-10) == (lattice == "square")


@pytest.fixture(scope="module")
def tempered(tmp_path_factory):
    """One model for two temperatures of 6 x 6."""
    settings = SETTINGS[Model] | {"conditions": {"beta": [0.35, 0.45]}, "hidden": 16, "rank": 4, "states": 1}
    torch.manual_seed(1)
    model = Model.build(settings, None, system_of(0.4, (6, 6)))
    return trained(model, 150, 64, tmp_path_factory.mktemp("autoregressive"))[0]


@pytest.mark.parametrize("beta", [0.35, 0.4, 0.45])
def test_a_short_training_finds_the_law(tempered, beta):
    """At both temperatures and between them; ln Z within 4.5 errors (7e-6) of Kaufman's."""
    model = tempered.at(tempered.system.at({"beta": beta}))
    fresh = Model.build(SETTINGS[Model] | {"states": 1}, None, model.system)
    log_weight = weighed(model)
    value, error = minus_log_mean(log_weight)
    assert effective_fraction(log_weight)[0] > 0.975 > effective_fraction(weighed(fresh))[0] + 0.05
    assert abs(value + model.system.log_partition()) < 4.5 * error


def test_the_study_of_free_energies(tempered):
    inputs = StudyInputs({"betas": [0.35, 0.41], "samples": 1024}, 1, None, {"a": tempered})
    table, record = studies["free_energy"](tempered.system, inputs)
    assert record["largest_pull"] < 4.5
    assert (table["divergence"] > 0).all() and (table["ess"] > 0.97).all()
    assert (np.abs(table["variational"] - table["minus_log_z"] - table["divergence"]) < 1e-9).all()
    with pytest.raises(InputError, match=r"a value from 0\.35 to 0\.45"):
        inputs.settings["betas"].append(0.5)
        studies["free_energy"](tempered.system, inputs)


def test_the_reverse_divergence_goes_on_from_there(tempered, tmp_path):
    """It does not spoil what it begins with, whose noise is its own error."""
    settings = tempered.settings | {"objective": "reverse_divergence"}
    model = Model.build(settings, None, tempered.system)
    model.network.load_state_dict(tempered.network.state_dict())
    before = np.var(weighed(model))
    trained(model, 30, 256, tmp_path, rate=1e-3)
    assert np.var(weighed(model)) < 1.1 * before


@pytest.mark.parametrize(
    ("shape", "lattice"), [((4, 10), "square"), ((4, 10), "triangular"), ((5, 6), "square")]
)
def test_labels_of_the_pool(shape, lattice):
    """Mean of spin less label vanishes at every site within 4.5 errors: by chains on wide tori, exactly on narrow ones."""
    model = model_of(Model, system_of(0.4, shape, lattice=lattice), states=4)
    spins, offset, label = (part[:, 0] for part in model.examples(None, 1).rows)
    first = spins[:, 0, :1]
    product = ((spins.flatten(1).double() - (2 * label.double() - 1)) * first)[:, 1:].numpy()
    # Chains remember one update or two.
    assert (np.abs(product.mean(0)) < 4.5 * 2 * product.std(0) / 64).all()
    assert offset.shape == label.shape == (4096, shape[0] * shape[1])


def test_what_autoregressive_spins_need():
    for kind in SETTINGS:
        with pytest.raises(InputError, match="HasBonds"):
            kind.build(SETTINGS[kind], None, Phi4(0.2, 0.1, (4, 4)))
    with pytest.raises(InputError, match="fewer rows than the 4 of the lattice"):
        Model.build(SETTINGS[Model] | {"rows": 4}, None, system_of(lattice="triangular"))
    with pytest.raises(InputError, match=r"beta: expected a value from 0.1 to 0.3"):
        Model.build(SETTINGS[Model] | {"conditions": {"beta": [0.1, 0.3]}}, None, system_of())
    with pytest.raises(InputError, match=r"0\.44, the temperature of the training"):
        model_of(Published).at(system_of(0.3))


def test_the_study_of_weights_is_that_of_flows():
    assert studies["weights"] is study_exact_weights
