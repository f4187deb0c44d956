"""The coupling flow: log q of its map, the symmetries of its law, its three gradients, and ln Z that is known."""

import numpy as np
import pytest
import torch

from emulant.contracts.family import HasCost, HasLogDensity
from emulant.errors import InputError
from emulant.families.coupling_flow.model import Model
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.training.loop import TrainingSettings, train
from emulant.transport.reverse_divergence import ESTIMATORS
from tests.families.chains import transfer_matrix_log_z

SETTINGS = {
    "name": "coupling_flow",
    "family": "coupling_flow",
    "estimator": "path",
    "hats": 4,
    "shells": 1,
    "sites": {"bins": 4, "bound": 4.0},
    "zero_mode": {"bins": 4, "bound": 4.0},
    "couplings": 2,
    "widths": [4],
    "generation": {},
}
TRAINING = {"steps": 80, "batch": 128, "learning_rate": 0.03, "ema": 0.9}


def model_of(shape=(4, 4), kappa=0.2, coupling=0.3, *, deviation=0.0, **settings):
    """A model in double precision whose weights are moved by chance."""
    torch.manual_seed(5)
    model = Model.build({**SETTINGS, **settings}, None, Phi4(kappa, coupling, shape)).double()
    with torch.no_grad():
        for weight in model.network.parameters():
            weight.add_(deviation * torch.randn_like(weight))
    return model


def latents_of(model, count=3, seed=1):
    return model.start.sample(count, torch.Generator().manual_seed(seed)).double()


def trained(shape, kappa, coupling, folder, **settings):
    """A model after a short training in the common loop."""
    torch.manual_seed(5)
    model = Model.build({**SETTINGS, **settings}, None, Phi4(kappa, coupling, shape))
    work = {"seed": 1, "checkpoint": folder / "training.ckpt", "stamp": ""}
    examples = model.examples(None, 1)
    weights, curve = train(model, examples, TrainingSettings(**TRAINING), **work)
    model.finished(weights, examples, torch.Generator().manual_seed(1))
    return model.eval(), curve


def weighed(model, system, count=4096):
    samples = model.sample(count, torch.Generator().manual_seed(9))
    return (-system.action(samples.values) - samples.log_q).numpy()


def test_log_q_is_that_of_the_map():
    model = model_of(deviation=0.2)
    (latent,) = latents_of(model, 1)
    _, log_q = model.transported(latent[None])
    jacobian = torch.autograd.functional.jacobian(lambda x: model.transported(x[None])[0][0], latent)
    exact = model.start.log_density(latent[None]) - torch.linalg.slogdet(jacobian.reshape(16, 16)).logabsdet
    torch.testing.assert_close(log_q, exact, atol=1e-9, rtol=0)


@pytest.mark.parametrize("shape", [(6,), (4, 4), (2, 4, 2)])
def test_log_q_of_a_field_is_that_of_the_sample(shape):
    """In the single precision of samples; by an inversion in double precision and by both of a training."""
    model = Model.build(SETTINGS, None, Phi4(0.2, 0.3, shape))
    model.network.load_state_dict(model_of(shape, deviation=0.05).network.state_dict())
    samples = model.sample(64, torch.Generator().manual_seed(2))
    assert samples.values.dtype == torch.float32 and samples.log_q.dtype == torch.float64
    for density in (model.log_density, model.density, model.fixed_density):
        torch.testing.assert_close(density(samples.values).detach(), samples.log_q, atol=1e-4, rtol=0)
    assert isinstance(model, HasLogDensity)


def test_the_law_has_the_symmetries_that_keep_the_colours():
    model = model_of(deviation=0.2)
    latents = latents_of(model)
    fields, log_q = model.transported(latents)
    for change in (
        lambda x: -x,
        lambda x: x.roll(2, 2),
        lambda x: x.roll((1, 1), (1, 2)),
        lambda x: x.flip(2).roll(1, 2),
        lambda x: x.transpose(1, 2),
    ):
        of_changed, same = model.transported(change(latents))
        torch.testing.assert_close(of_changed, change(fields))
        torch.testing.assert_close(same, log_q)


def test_an_untrained_flow_is_the_gaussian():
    model = model_of()
    latents = latents_of(model)
    fields, log_q = model.transported(latents)
    torch.testing.assert_close(fields, latents)
    torch.testing.assert_close(log_q, model.start.log_density(latents))


def test_gradients_have_the_same_mean():
    """All 60 weights within 5 errors of 60 batches (Student's t), by both other estimators: false once in 1500 seeds."""
    model = model_of((2, 2), deviation=0.1, couplings=1, widths=[2])
    by_name = {name: gradients(model, name, 60) for name in ESTIMATORS}
    right = by_name.pop("reparametrised")
    for estimates in by_name.values():
        difference = estimates - right
        error = difference.std(0) / np.sqrt(len(difference))
        assert (abs(difference.mean(0)) <= 5 * error + 1e-12).all()
        assert np.linalg.norm(error) < 0.2 * np.linalg.norm(right.mean(0))


def gradients(model, estimator, count):
    """Gradients of all weights, one row for each batch of 128."""
    model.settings = {**model.settings, "estimator": estimator}
    rows = []
    for seed in range(count):
        loss = ESTIMATORS[estimator].loss(model, model.system.action, latents_of(model, 128, seed))
        rows.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, weights_of(model))]))
    return torch.stack(rows).numpy()


def weights_of(model):
    return list(model.network.parameters())


def test_the_path_gradient_of_a_free_field_has_no_noise():
    """The Gaussian is exact: each sample's gradient is rounding, where the reparametrised one is of order one."""
    model = model_of(kappa=0.2, coupling=0.0)
    assert abs(gradients(model, "path", 3)).max() < 1e-9
    assert abs(gradients(model, "reparametrised", 3)).max() > 0.1


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_training_finds_ln_z_of_a_chain(estimator, tmp_path):
    """Kappa = 0.4, lambda = 0.3, eight sites: 80 steps from the action alone; ln Z of the transfer matrix to 4 errors."""
    system = Phi4(0.4, 0.3, (8,))
    before = Model.build({**SETTINGS, "estimator": estimator}, None, system)
    model, curve = trained((8,), 0.4, 0.3, tmp_path, estimator=estimator)
    log_weight = weighed(model, system)
    value, error = minus_log_mean(log_weight)
    assert abs(value + transfer_matrix_log_z(0.4, 0.3, 8)) < 4 * error < 0.02
    assert effective_fraction(log_weight)[0] > 0.9 > 0.8 > effective_fraction(weighed(before, system))[0]
    assert curve[-1]["loss"] == pytest.approx(value, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["path", "reinforce"])
def test_two_processes_train_like_one(estimator, tmp_path):
    """Also where the gradient comes by the inverse map."""
    results = []
    for devices in (["cpu"], ["cpu", "cpu"]):
        torch.manual_seed(5)
        model = Model.build({**SETTINGS, "estimator": estimator}, None, Phi4(0.2, 0.3, (4, 4)))
        settings = TrainingSettings(steps=4, batch=32, report_every=2, devices=2)
        work = {"seed": 1, "checkpoint": tmp_path / str(len(devices)), "stamp": "", "devices": devices}
        results.append(train(model, model.examples(None, 1), settings, **work))
    (one, curve), (two, shared) = results
    assert [row["loss"] for row in shared] == pytest.approx([row["loss"] for row in curve], rel=1e-5)
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=1e-3, atol=1e-4)


def test_weights_mean_the_same_on_any_lattice():
    small, large = model_of((4, 4)).network.state_dict(), model_of((6, 8)).network.state_dict()
    assert {name: part.shape for name, part in small.items()} == {
        name: part.shape for name, part in large.items()
    }


def test_an_odd_side_is_one_clear_error():
    with pytest.raises(InputError, match=r"system phi4: shape: expected even numbers of sites.*\[4, 3\]"):
        Model.build(SETTINGS, None, Phi4(0.2, 0.3, (4, 3)))


def test_the_cost_grows_with_the_lattice_and_with_the_passes_of_a_gradient():
    models = [model_of(shape, training=TRAINING, estimator="path") for shape in ((4, 4), (8, 8))]
    assert all(isinstance(model, HasCost) for model in models)
    assert 4 < models[1].operations / models[0].operations < 6
    once = model_of((4, 4), training=TRAINING, estimator="reparametrised")
    assert models[0].training_operations == 2 * once.training_operations == 6 * 80 * 128 * once.operations
