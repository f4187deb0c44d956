"""Families of posteriors on the linear response: draws have the moments of the closed form."""

import numpy as np
import pytest
import torch

from emulant.families import build_model
from emulant.families._posterior import balance
from emulant.families.neural_posterior.encoders import encoder_of
from emulant.storage.pairs import Pairs
from emulant.systems import system_from
from tests.systems.linear_gaussian.test_system import BLOCK


@pytest.fixture(scope="module")
def system():
    return system_from(BLOCK)


@pytest.fixture(scope="module")
def pairs(system):
    rng = np.random.default_rng(1)
    parameters = system.prior.sample(4096, rng)
    observations = system.simulate(parameters, rng)
    return Pairs(torch.from_numpy(observations).float(), torch.from_numpy(parameters).float())


def fitted(name, settings, pairs, system):
    model = build_model({"name": name, "family": name, **settings}, pairs, system)
    model.fit_round(0, torch.Generator().manual_seed(1), {})
    return model


def held_against_exact(model, system, observations, draws, tolerance):
    """Means in exact deviations, and ratios of deviations, of the draws of each observation."""
    repeated = np.tile(observations, (draws, 1))
    condition = {"inputs": torch.from_numpy(repeated).float()}
    values = model.sample(len(repeated), torch.Generator().manual_seed(2), condition).values.numpy()
    values = values.reshape(draws, len(observations), 2)
    unit = np.sqrt(np.diag(system.law.covariance))
    shift = (values.mean(0) - system.law.posterior_mean(observations)) / unit
    assert np.sqrt(np.square(shift).mean()) < tolerance
    assert (abs((values.std(0) / unit).mean(0) - 1) < tolerance).all()


def test_a_linear_posterior_is_exact(system, pairs):
    """4096 pairs know means and deviations to 1/64, and 400 draws to 1/20."""
    model = fitted("linear_posterior", {"ridge": 1e-6}, pairs, system)
    observations = pairs.inputs[:20].numpy().astype(np.float64)
    held_against_exact(model, system, observations, 400, 0.12)


def test_an_emulator_s_posterior_is_close(system, pairs):
    """128 design points know the response to about a tenth of its noise."""
    settings = {"design": 128, "components": 3, "kernel": "rbf", "generation": {"walkers": 64, "steps": 60}}
    model = fitted("emulator_posterior", settings, pairs, system)
    observations = pairs.inputs[200:206].numpy().astype(np.float64)
    held_against_exact(model, system, observations, 128, 0.3)


def test_an_untrained_flow_knows_its_density(system, pairs):
    """The density of parameters integrates to one over the plane."""
    settings = {
        "encoder": {"kind": "dense", "width": 8, "layers": 1, "features": 4},
        "flow": {"transforms": 2, "bins": 4, "width": 8},
    }
    torch.manual_seed(1)
    model = build_model({"name": "flow", "family": "neural_posterior", **settings}, pairs, system)
    a, b = (torch.linspace(-6, 6, 161, dtype=torch.float64) for _ in range(2))
    grid = torch.cartesian_prod(a, 1 + 2 * b)
    inputs = pairs.inputs[:1].expand(len(grid), -1)
    total = model.log_posterior(grid, inputs).exp().sum() * (a[1] - a[0]) * 2 * (b[1] - b[0])
    assert abs(float(total) - 1) < 1e-3


@pytest.mark.parametrize("kind", ["deep_sets", "set_transformer"])
def test_the_order_of_events_means_nothing_and_absent_ones_are_not_seen(kind):
    settings = {"kind": kind, "width": 16, "layers": 1, "features": 5}
    torch.manual_seed(1)
    encoder = encoder_of(settings, (6, 4)).eval()
    bag = torch.randn(3, 6, 4)
    bag[..., -1] = torch.tensor([1.0, 1, 1, 1, 0, 0])
    shuffled = bag[:, [2, 0, 3, 1, 5, 4]].clone()
    shuffled[:, 4:, :3] = 17.0
    torch.testing.assert_close(encoder(bag), encoder(shuffled))
    bag[..., -1] = 0.0
    assert not encoder(bag).any()


def test_parts_of_bags():
    """Sizes from none to all, and only events that are there; smaller ones are as frequent as the logarithm says."""
    encoder = encoder_of({"kind": "deep_sets", "width": 4, "layers": 1, "features": 2}, (8, 3))
    present = torch.zeros(4000, 8)
    present[:, :6] = 1.0
    part = encoder.part(present, torch.Generator().manual_seed(1))
    sizes = part.sum(1)
    assert not part[:, 6:].any() and set(sizes.tolist()) == set(range(7))
    share = (sizes == 1).float().mean()
    expected = 15 / 16 * np.log(2) / np.log(7)
    assert abs(float(share) - expected) < 5 * np.sqrt(expected * (1 - expected) / 4000)


def test_a_dozen_samples_of_many_parameters_count_alike():
    """27 moments of six parameters cannot be those of the prior."""
    z = torch.randn(12, 6, generator=torch.Generator().manual_seed(1))
    assert (balance(z) == 1).all()


def test_balanced_parameters_have_the_moments_of_the_prior():
    """A sample that lies to one side, too wide and correlated: weighted moments are exact, weights positive and near one."""
    z = torch.randn(2000, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    z = z @ torch.tensor([[1.05, 0.05], [0.0, 0.97]], dtype=torch.float64) + 0.06
    weight = balance(z)
    assert weight.min() > 0 and weight.std() < 0.3
    torch.testing.assert_close(
        (weight[:, None] * z).mean(0), torch.zeros(2, dtype=torch.float64), atol=1e-9, rtol=0
    )
    second = (weight[:, None] * z).T @ z / len(z)
    torch.testing.assert_close(second, torch.eye(2, dtype=torch.float64), atol=1e-9, rtol=0)
