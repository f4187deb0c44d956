"""Neural posteriors of bags, trained on normal events: none is the prior, more tell what the closed form says, parts add up.

Events y = theta + 2 noise, theta standard normal: of n events with sum s the posterior is normal, its precision is 1 + n / 4
and its mean s / 4 over that.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.families import build_model
from emulant.families.neural_posterior.encoders import encoder_of
from emulant.families.neural_posterior.sums import Sums
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


KINDS = {"kind": "deep_sets", "width": 8, "layers": 1, "features": 3, "kinds": 2, "sums": 2}


def test_events_of_two_nuclei_in_one_row_have_nothing_to_do_with_each_other():
    """Those of the second in another order change nothing, with 5 of 7 events; exchanged nuclei or other events do."""
    torch.manual_seed(1)
    encoder, bag = encoder_of(KINDS, (7, 9)), torch.randn(2, 7, 9)
    bag[..., -1] = torch.arange(7) < 5
    shuffled = bag.clone()
    shuffled[:, :5, 4:8] = bag[:, [3, 1, 4, 0, 2], 4:8]
    exchanged = bag[..., [4, 5, 6, 7, 0, 1, 2, 3, 8]]
    with torch.no_grad():
        code = encoder(bag)
        assert code.shape == (2, 10)
        torch.testing.assert_close(encoder(shuffled), code)
        assert (encoder(exchanged) - code).abs().max() > 1e-3
        assert (encoder(bag + torch.eye(9)[5]) - code).abs().max() > 1e-3


def test_what_one_nucleus_tells_the_other_tells_of_itself():
    """But for which it is: with that forgotten, exchanged nuclei have exchanged codes."""
    torch.manual_seed(2)
    encoder, bag = encoder_of(KINDS, (7, 9)), torch.cat([torch.randn(2, 7, 8), torch.ones(2, 7, 1)], -1)
    with torch.no_grad():
        encoder.after[0].weight[:, -2:] = 0
        encoder.sums.body.weight[:, -2:] = 0
        first, second, sums, other = encoder(bag).split([3, 3, 2, 2], 1)
        exchanged = encoder(bag[..., [4, 5, 6, 7, 0, 1, 2, 3, 8]])
        torch.testing.assert_close(exchanged, torch.cat([second, first, other, sums], 1))


def test_what_independent_events_say_adds_up():
    """Sums of two parts, less a constant, are those of the whole bag; those of whole bags have mean 0 and deviation 1."""
    torch.manual_seed(3)
    sums, events = Sums(2, 1, 3), 5 + torch.randn(400, 6, 2)
    sums.measure([events], torch.ones(400, 6))
    first = (torch.arange(6) < 2).expand(400, -1).float()
    with torch.no_grad():
        whole, one, other = (
            sums([events], part) - sums.body.bias for part in (0 * first + 1, first, 1 - first)
        )
        torch.testing.assert_close(one + other, whole, atol=1e-4, rtol=1e-4)
        sums.body = torch.nn.Identity()
        deviation, mean = torch.std_mean(sums([events], torch.ones(400, 6)), 0)
    assert abs(mean).max() < 1e-3 and abs(deviation - 1).max() < 1e-3


@pytest.mark.parametrize("shape", [(7, 10), (9,)])
def test_kinds_that_no_row_can_have(shape):
    with pytest.raises(InputError, match=r"encoder\.kinds: expected a bag"):
        encoder_of(KINDS | ({"kind": "dense"} if len(shape) == 1 else {}), shape)


def test_kinds_are_seen_in_one_unit():
    """What differs between two nuclei of one size is not scaled away."""
    inputs = torch.cat([torch.randn(64, 4, 1), 3 + torch.randn(64, 4, 1), torch.ones(64, 4, 1)], -1)
    settings = {
        "name": "sets",
        "family": "neural_posterior",
        "encoder": KINDS,
        "flow": {"transforms": 1, "bins": 4, "width": 8},
    }
    unit = build_model(settings, Pairs(inputs, torch.randn(64, 1)), SYSTEM).unit
    assert (unit[:, :, 0] == unit[:, :, 1]).all() and unit[0, 0, -1] == 0 and unit[1, 0, -1] == 1


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
