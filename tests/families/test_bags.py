"""Neural posteriors of bags, trained on normal events: none is the prior, more tell what the closed form says, parts add up.

Events y = theta + 2 noise, theta standard normal: of n events with sum s the posterior is normal, its precision is 1 + n / 4
and its mean s / 4 over that.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from emulant.families import build_model
from emulant.families.neural_posterior.encoders import encoder_of
from emulant.inference.priors import prior_from
from emulant.storage.pairs import Pairs

EVENTS, NOISE = 16, 2.0
GRID = torch.linspace(-4, 4, 161, dtype=torch.float64)[:, None]
SYSTEM = SimpleNamespace(prior=prior_from({"theta": {"normal": [0.0, 1.0]}}, "system"))


def bags(count, seed):
    """Bags (count, EVENTS, 2) whose last column says that there is an event, and parameters (count, 1)."""
    generator = torch.Generator().manual_seed(seed)
    theta = torch.randn(count, 1, generator=generator)
    events = theta + NOISE * torch.randn(count, EVENTS, generator=generator)
    return torch.stack([events, torch.ones_like(events)], -1), theta


@pytest.fixture(scope="module")
def model():
    """500 steps of training."""
    torch.manual_seed(1)
    settings = {
        "name": "sets",
        "family": "neural_posterior",
        "encoder": {"kind": "deep_sets", "width": 16, "layers": 1, "features": 4},
        "flow": {"transforms": 1, "bins": 6, "width": 16},
    }
    pairs = Pairs(*bags(4096, 1))
    trained = build_model(settings, pairs, SYSTEM)
    rows = trained.examples(pairs, 0).rows
    generator = torch.Generator().manual_seed(2)
    optimiser = torch.optim.Adam(trained.network.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 500)
    for _ in range(500):
        batch = torch.randint(len(pairs), (256,), generator=generator)
        optimiser.zero_grad()
        trained.loss(tuple(part[batch] for part in rows), generator).backward()
        optimiser.step()
        schedule.step()
    return trained


def densities(model, inputs):
    """Densities of the posterior of each bag on GRID, (N, points)."""
    with torch.no_grad():
        rows = [model.log_posterior(GRID, bag.expand(len(GRID), *bag.shape)) for bag in inputs]
    return torch.stack(rows).exp().numpy()


def moments(density):
    """Mean and deviation, (N,) each."""
    x = GRID[:, 0].numpy()
    weight = density / density.sum(1, keepdims=True)
    mean = weight @ x
    return mean, np.sqrt(weight @ x**2 - mean**2)


def without(inputs, events):
    """Bags that have lost these events."""
    part = inputs.clone()
    part[:, events] = 0.0
    return part


def test_a_bag_of_none_is_the_prior(model):
    """One bag in sixteen of the training was empty: 8000 of them know mean and deviation to a tenth, with the spline."""
    inputs, _ = bags(1, 3)
    mean, deviation = moments(densities(model, without(inputs, slice(None))))
    assert abs(mean[0]) < 0.12 and abs(deviation[0] - 1) < 0.12


@pytest.mark.parametrize("events", [1, 4])
def test_bags_tell_what_the_closed_form_says(model, events):
    """Means within a third of the deviation, root mean square of 40 bags; so short a training leaves widths a tenth off."""
    inputs, _ = bags(40, 4)
    mean, deviation = moments(densities(model, without(inputs, slice(events, None))))
    precision = 1 + events / NOISE**2
    exact = inputs[:, :events, 0].sum(1).numpy() / NOISE**2 / precision
    assert np.sqrt(np.square(mean - exact).mean()) < precision**-0.5 / 3
    assert abs(deviation.mean() * precision**0.5 - 1) < 0.2


def test_a_bag_in_two_parts_is_the_whole(model):
    """p(theta | A) p(theta | B) / p(theta) is p(theta | A and B) but for a factor."""
    inputs, _ = bags(40, 5)
    first, second = (densities(model, without(inputs, part)) for part in (slice(8, None), slice(0, 8)))
    prior = np.exp(-0.5 * GRID[:, 0].numpy() ** 2)
    mean, deviation = moments(first * second / prior)
    whole, width = moments(densities(model, inputs))
    assert np.sqrt(np.square((mean - whole) / width).mean()) < 0.35
    assert abs((deviation / width).mean() - 1) < 0.2


def test_images_of_a_bag_have_no_order():
    """Rows of an image of 6 x 6 and two numbers: exchanged events change nothing, other pixels do; no event gives zero."""
    torch.manual_seed(1)
    encoder = encoder_of({"kind": "images", "width": 8, "layers": 1, "features": 3}, (5, 39))
    bag = torch.cat([torch.randn(1, 5, 38), torch.ones(1, 5, 1)], -1)
    with torch.no_grad():
        code = encoder(bag)
        torch.testing.assert_close(encoder(bag[:, [3, 1, 4, 0, 2]]), code)
        assert (encoder(bag + torch.eye(39)[20]) - code).abs().max() > 1e-4
        assert not encoder(0 * bag).any()


def test_networks_side_by_side_are_a_mixture():
    """Densities are the mean of theirs, and 4000 draws of one bag have its mean and variance within five errors."""
    torch.manual_seed(5)
    settings = {
        "name": "sets",
        "family": "neural_posterior",
        "networks": 2,
        "encoder": {"kind": "deep_sets", "width": 8, "layers": 1, "features": 2},
        "flow": {"transforms": 1, "bins": 4, "width": 8},
    }
    inputs, theta = bags(16, 1)
    mixture = build_model(settings, Pairs(inputs, theta), SYSTEM)
    first, second = mixture.network.members
    with torch.no_grad():
        for parameter in mixture.network.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape))
    mean = densities(mixture, inputs[:1])[0]
    each = []
    for member in (first, second):
        mixture.network.members = torch.nn.ModuleList([member])
        each.append(densities(mixture, inputs[:1])[0])
    mixture.network.members = torch.nn.ModuleList([first, second])
    np.testing.assert_allclose(mean, np.mean(each, axis=0), rtol=1e-5)
    assert abs(each[0] - each[1]).max() > 0.05
    condition = {"inputs": inputs[:1].expand(4000, *inputs.shape[1:])}
    drawn = mixture.sample(4000, torch.Generator().manual_seed(6), condition).values[:, 0].double().numpy()
    grid, weight = GRID[:, 0].numpy(), mean / mean.sum()
    centre = weight @ grid
    variance = weight @ (grid - centre) ** 2
    assert abs(drawn.mean() - centre) < 5 * np.sqrt(variance / 4000)
    assert abs(drawn.var() / variance - 1) < 0.2
