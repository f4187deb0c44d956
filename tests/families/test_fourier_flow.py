"""The flow of closed paths: the Gaussian's law point by point, log q of the map, its symmetry, and what it learns."""

import numpy as np
import pytest
import torch

from emulant.contracts.family import Carried, HasCost, HasLogDensity
from emulant.errors import InputError
from emulant.families.fourier_flow.bridge import Bridge
from emulant.families.fourier_flow.model import Model
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.systems.quantum_path.system import from_settings
from emulant.training.loop import TrainingSettings, train
from tests.quantum.wells import DOUBLE, HARMONIC, TILTED

SETTINGS = {
    "name": "fourier_flow",
    "family": "fourier_flow",
    "estimator": "path",
    "bins": 3,
    "bound": 4.0,
    "width": 6,
    "training": {"steps": 60, "batch": 128, "learning_rate": 0.02, "ema": 0.9},
    "generation": {},
}


def system(potential=DOUBLE, temperature=0.5, points=7):
    return from_settings({"potential": potential, "temperature": temperature, "shape": [points]})


def model_of(path, *, deviation=0.0, **settings):
    """A model in double precision whose weights are moved by chance."""
    torch.manual_seed(5)
    model = Model.build({**SETTINGS, **settings}, None, path).double()
    with torch.no_grad():
        for weight in model.network.parameters():
            weight.add_(deviation * torch.randn_like(weight))
    return model


@pytest.mark.parametrize("points", [2, 3, 8, 20, 41])
def test_noise_of_the_gaussian_is_white(points):
    """Without sampling: the linear map to the noise, on both sides of the covariance, is the identity."""
    power = system(points=points).inverse_power()
    covariance = np.fft.ifft(1 / power).real[np.subtract.outer(range(points), range(points))]
    bridge, identity = Bridge(torch.from_numpy(power), 1.0), torch.eye(points, dtype=torch.float64)
    rows = torch.cat([identity[:, :1] / covariance[0, 0] ** 0.5, bridge.noise(identity)], 1).T.numpy()
    np.testing.assert_allclose(rows @ covariance @ rows.T, np.eye(points), atol=1e-12)


def test_another_gaussian_is_refused():
    power = system(points=8).inverse_power() + 0.1 * np.cos(2 * np.pi * np.arange(8) / 4)
    with pytest.raises(InputError, match="nearest neighbours"):
        Bridge(torch.from_numpy(power), 1.0)


def test_untrained_it_is_the_gaussian_and_exact_without_interaction():
    path = system(HARMONIC, points=9)
    drawn = model_of(path).float().sample(64, torch.Generator().manual_seed(1))
    log_weight = -path.action(drawn.values) - drawn.log_q
    torch.testing.assert_close(
        log_weight, torch.full_like(log_weight, path.log_partition()), atol=1e-5, rtol=0
    )


def test_log_q_is_that_of_the_map():
    model = model_of(system(), deviation=0.3)
    latent = model.start.sample(1, torch.Generator().manual_seed(2)).double()
    _, log_q = model.transported(latent)
    jacobian = torch.autograd.functional.jacobian(lambda x: model.transported(x[None])[0][0], latent[0])
    exact = model.start.log_density(latent) - torch.linalg.slogdet(jacobian).logabsdet
    torch.testing.assert_close(log_q, exact, atol=1e-9, rtol=0)


@pytest.mark.parametrize("points", [2, 5, 16])
def test_it_is_odd_and_its_inverse_leads_back(points):
    model = model_of(system(points=points), deviation=0.3)
    assert isinstance(model, HasLogDensity) and isinstance(model, HasCost) and isinstance(model, Carried)
    latents = model.start.sample(32, torch.Generator().manual_seed(3)).double()
    paths, log_q = model.transported(latents)
    torch.testing.assert_close(model.transported(-latents)[0], -paths, atol=1e-12, rtol=0)
    torch.testing.assert_close(model.density(paths), log_q, atol=1e-8, rtol=0)
    torch.testing.assert_close(model.network(paths, "inverse", *model.told())[0], latents, atol=1e-8, rtol=0)


def trained(path, folder, **settings):
    model = Model.build({**SETTINGS, **settings}, None, path)
    examples = model.examples(None, 1)
    work = {"seed": 1, "checkpoint": folder / "training.ckpt", "stamp": ""}
    weights, _ = train(model, examples, TrainingSettings(**SETTINGS["training"]), **work)
    model.finished(weights, examples, torch.Generator())
    return model.eval()


def test_it_learns_a_double_well_at_two_temperatures_and_between(tmp_path):
    """Effective part of 2048 paths by half above the Gaussian's at a third temperature, ln Z within 4.5 errors: 1e-5."""
    torch.manual_seed(0)
    path = system(temperature=0.3, points=8)
    model = trained(path, tmp_path, conditions={"temperature": [0.2, 0.5]})
    latents = model.start.sample(2048, torch.Generator().manual_seed(4))
    gaussian = -path.action(latents.double()) - model.start.log_density(latents)
    drawn = model.sample(2048, torch.Generator().manual_seed(5))
    log_weight = (-path.action(drawn.values.double()) - drawn.log_q).numpy()
    effective, _ = effective_fraction(log_weight)
    assert effective > 0.6 and effective > 1.5 * effective_fraction(gaussian.numpy())[0]
    minus_log_z, error = minus_log_mean(log_weight)
    assert abs(minus_log_z + path.log_partition()) < 4.5 * error


def test_weights_are_shared_with_other_temperatures_and_copied_to_other_paths():
    model = model_of(system(), deviation=0.1, conditions={"temperature": [0.4, 0.6]}).float()
    hotter = model.at(system(temperature=0.6))
    assert hotter.network is model.network and hotter.condition.tolist() == [1.0, 1.0]
    finer = model.on(system(points=20))
    assert finer.site_shape == (20,) and finer.network is not model.network
    assert finer.sample(4, torch.Generator().manual_seed(1)).values.shape == (4, 20)


@pytest.mark.parametrize(
    ("wrong", "words"), [(Phi4(0.2, 0.1, (4, 4)), "one dimension"), (system(TILTED), "none")]
)
def test_what_it_cannot_learn_is_one_line(wrong, words):
    with pytest.raises(InputError, match=words) as caught:
        Model.build(SETTINGS, None, wrong)
    assert "\n" not in str(caught.value)


def test_a_chain_of_phi4_is_a_closed_path_too():
    chain = Phi4(0.2, 0.0, (8,))
    drawn = model_of(chain).float().sample(16, torch.Generator().manual_seed(1))
    log_weight = -chain.action(drawn.values) - drawn.log_q
    assert log_weight.std() < 1e-5
