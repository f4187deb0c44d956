"""Weights of the longest waves in the last layer of a network: what they recover, and what they leave alone."""

import pytest
import torch
from safetensors.torch import save_file

from emulant.families import load_model
from emulant.families.diffusion.loss import reaching
from emulant.families.diffusion.model import Model
from emulant.families.diffusion.readout import Readout
from emulant.storage.records import write_json
from tests.settings import SMALL_DIFFUSION

SHAPE, COUNT = (4, 4), 3000


def fields(seed=1, count=COUNT):
    """Two phases with waves whose power depends on the order parameter, which no mode by itself tells."""
    generator = torch.Generator().manual_seed(seed)
    zero = (torch.randint(0, 2, (count, 1, 1), generator=generator) * 2 - 1) * 1.0
    zero = zero + 0.5 * torch.randn(count, 1, 1, generator=generator)
    waves = torch.randn(count, *SHAPE, generator=generator)
    waves = waves + waves.roll(1, 1) + waves.roll(1, 2)
    return zero + 0.5 * (waves - waves.mean((1, 2), keepdim=True)) / (0.3 + zero.square()).sqrt()


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(1)
    model = Model.build(SMALL_DIFFUSION | {"readout": 3}, fields())
    torch.nn.init.normal_(model.network.project, std=0.1)
    model.calibrate(model.examples(fields(), 1), torch.Generator().manual_seed(3))
    return model


def error(model, data):
    """Mean square of what F lacks of (x_0 - D_base)/c_out in the longest waves but the constant, at noise 1."""
    generator = torch.Generator().manual_seed(7)
    noise = torch.ones(len(data), dtype=torch.float64)
    x = data + torch.randn(data.shape, generator=generator)
    base = model.measure.denoise(x, noise)
    target = model.measure.filtered(data - base, 1 / model.base.output_gain(noise))
    left = target - model.residual(x, noise, base)
    return (left.flatten(1) @ model.readout.waves.flatten(1).T)[:, 1:].square().mean(1)


@torch.no_grad()
def test_less_is_left_of_the_longest_waves_of_fields_that_it_has_not_seen(model):
    """In pairs with the same noise: six errors and more."""
    data, readout, calibration = fields(2, 20000), model.readout, model.calibration
    after = error(model, data)
    try:
        model.readout = Readout(readout.variables, torch.zeros_like(readout.weights), SHAPE)
        model.calibrate_on(fields(), torch.Generator().manual_seed(3))
        before = error(model, data)
    finally:
        model.readout, model.calibration = readout, calibration
    gain = before - after
    assert float(gain.mean()) > 6 * float(gain.std()) / len(gain) ** 0.5


@torch.no_grad()
def test_the_residual_stays_odd_and_commutes_with_translations(model):
    x, noise = fields(3, 8), torch.linspace(0.1, 3.0, 8, dtype=torch.float64)
    residual = model.residual(x, noise)
    assert float(residual.abs().max()) > 0.01
    torch.testing.assert_close(model.residual(-x, noise), -residual, atol=1e-6, rtol=1e-4)
    moved = model.residual(x.roll((1, 2), (1, 2)), noise)
    torch.testing.assert_close(moved, residual.roll((1, 2), (1, 2)), atol=1e-5, rtol=1e-4)


def test_it_survives_a_file(model, tmp_path):
    save_file(model.tensors(), tmp_path / "weights.safetensors")
    write_json(tmp_path / "model.json", {"settings": model.settings, "site_shape": list(SHAPE)})
    again = load_model(tmp_path)
    drawn = [one.sample(4, torch.Generator().manual_seed(5)).values for one in (model, again)]
    torch.testing.assert_close(*drawn, atol=0, rtol=0)


def test_weights_are_those_of_each_shell_and_small_where_there_is_nothing():
    """Known weights of two shells from 4000 fields with unit noise, within five errors; none from noise alone."""
    generator = torch.Generator().manual_seed(6)
    wanted = torch.tensor([[1.0, -0.5], [0.0, 2.0]], dtype=torch.float64)
    features = torch.randn(4000, 2, 5, dtype=torch.float64, generator=generator)
    noise = torch.randn(4000, 5, dtype=torch.float64, generator=generator)
    shell = torch.tensor([0, 1, 1, 1, 1])
    told = torch.einsum("ncw,wc->nw", features, wanted[shell]) + noise
    readout = Readout.fit([1.0, 2.0], iter([(features, told), (features, noise)]), 2, SHAPE)
    assert float((readout.weights[1] - wanted).abs().max()) < 5 / 4000**0.5
    assert float(readout.weights[2].abs().max()) < 5 / 4000**0.5
    # Halfway between the levels half of the weights, and none at zero noise.
    amplitudes = features[:3].float()
    full, half, still = (readout(amplitudes, torch.tensor([u], dtype=torch.float64)) for u in (1.0, 0.5, 0.0))
    torch.testing.assert_close(half, full / 2)
    assert float(still.abs().max()) == 0


def test_training_weighs_long_waves_where_noise_has_hidden_the_others(model):
    """Mean 1 at each noise level; more, the more of a mode is left, and all alike at the least noise."""
    base = model.base
    noise = torch.tensor([base.noise_min, 1.0, 10.0], dtype=torch.float64)
    weights = reaching(*base.gains(noise)).flatten(1)
    torch.testing.assert_close(weights.mean(1), torch.ones(3, dtype=torch.float64))
    power = model.measure.power.flatten()[1:]
    order = power.argsort()
    assert torch.all(weights[:, 1:][:, order].diff(dim=1) > -1e-12)
    torch.testing.assert_close(weights[0, 1:], torch.ones_like(power), atol=0.05, rtol=0)
    assert float(weights[2, 1:].max()) > 2 * float(weights[2, 1:].min())
