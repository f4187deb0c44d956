"""The published diffusion model of U(1) links: forward law, periodic network, Metropolis steps, scaled score."""

import math

import numpy as np
import pytest
import torch

from emulant.contracts.family import Conditioned
from emulant.errors import InputError
from emulant.families import build_model
from emulant.families.gauge_diffusion_baseline.annealing import adjusted, evaluations, levels, unadjusted
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.loops import enclosed
from emulant.gauge.plaquettes import plaquette_sums
from emulant.networks.periodic_score_net import PeriodicScoreNet
from emulant.systems.u1.system import U1
from emulant.transport.circle.kernel import damping

LIMIT = 4.5
"""Errors of a mean that are allowed: false alarm 7e-6 each, below 3e-4 in this file."""
PUBLISHED = {"ratio": 0.9, "levels": 100, "moves": 400, "step": 5e-9, "metropolis_below": 1e-3}
SETTINGS = {"name": "m", "family": "gauge_diffusion_baseline", "sigma": 25.0, "generation": PUBLISHED}


def links_of(system, count, seed=1):
    generator = np.random.default_rng(seed)
    plaquettes = exact_plaquettes(system.exact, count, generator).angles
    return torch.from_numpy(exact_links(plaquettes, system.site_shape, generator))


def model_of(system, count=8):
    torch.manual_seed(1)
    return build_model(SETTINGS, links_of(system, count), system).eval()


@pytest.mark.parametrize("time", [PUBLISHED["ratio"] ** n for n in (0, 15, 25, 30, 40, 55, 99)])
@pytest.mark.parametrize("sides", [(1, 1), (2, 2)])
def test_noise_damps_loops_by_their_perimeter(time, sides):
    """W e^(-P s^2 / 2) with s = pi noise(t), of noisy links as the training sees them, from 31 rad to 0.017."""
    system, count = U1(1.0, (6, 6)), 2000
    model, links = model_of(system), links_of(system, count)
    z = torch.randn(links.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    noisy = math.pi * model.noisy(links, torch.full((count,), time, dtype=torch.float64), z)
    loops = np.cos(enclosed(plaquette_sums(noisy.numpy()), *sides)).mean((1, 2))
    s = math.pi * model.path.noise(torch.tensor(time, dtype=torch.float64))
    expected = system.exact.wilson_loop(sides[0] * sides[1]) * float(damping(2 * sum(sides), s))
    assert abs(loops.mean() - expected) < LIMIT * loops.std() / math.sqrt(count)


def test_the_network_is_periodic_and_has_its_published_size():
    torch.manual_seed(1)
    network = PeriodicScoreNet(channels=2).eval()
    trained = sum(p.numel() for p in network.parameters() if p.requires_grad)
    assert 1.0e6 < trained < 1.2e6
    x, t = torch.randn(2, 2, 4, 6), torch.tensor([0.1, 0.9])
    with torch.no_grad():
        moved = network(x.roll((1, 2), (2, 3)), t)
        torch.testing.assert_close(moved, network(x, t).roll((1, 2), (2, 3)), rtol=1e-4, atol=1e-5)


def test_the_annealing_is_the_published_one():
    several = levels(PUBLISHED)
    assert len(several) == 100 and several[0].time == 1 and several[-1].step == pytest.approx(5e-9)
    assert next(level.time for level in several if level.exact) == pytest.approx(0.9**66)
    assert evaluations(PUBLISHED) == 40034


def test_metropolis_steps_keep_the_law_whatever_the_drift():
    """By a drift that is wrong in size, direction and parity, from exact links: the plaquette and ln of its law stay."""
    system, count = U1(3.0, (4, 4)), 4000
    links = links_of(system, count) / math.pi
    generator = torch.Generator().manual_seed(3)

    def drift(x):
        return -2 * system.gradient(math.pi * x) + 3 * torch.sin(x.roll(1, 1)) + 1

    def action(x):
        return system.action(math.pi * x)

    moved = adjusted(links, drift, action, 0.002, 20, generator)
    assert float((moved != links).all(3).all(2).all(1).double().mean()) > 0.2
    plaquette = np.cos(plaquette_sums(math.pi * moved.numpy())).mean((1, 2))
    assert abs(plaquette.mean() - system.exact.plaquette) < LIMIT * plaquette.std() / math.sqrt(count)


def test_small_steps_reach_the_law_of_the_score():
    """Of a normal law of variance 4: a step h adds a part h / 4 of it."""
    generator = torch.Generator().manual_seed(4)
    x = unadjusted(torch.zeros(20000, 1), lambda x: -x / 4, 0.1, 200, generator)
    variance = 4 / (1 - 0.1 / 8)
    assert abs(float(x.var()) / variance - 1) < LIMIT * math.sqrt(2 / 20000)


def test_the_score_grows_with_beta():
    system = U1(1.0, (4, 4))
    model, x = model_of(system), torch.randn(3, 2, 4, 4)
    with torch.no_grad():
        torch.testing.assert_close(model.score(x, 0.3, 7.0), 7 * model.score(x, 0.3, 1.0))


def test_training_at_several_couplings_is_refused():
    system = U1(1.0, (4, 4))
    links = links_of(system, 8)
    alike = Conditioned(links, {"beta": torch.full((8,), 2.0)})
    assert build_model(SETTINGS, alike, system).trained == 2
    both = Conditioned(links, {"beta": torch.arange(1.0, 9.0)})
    with pytest.raises(InputError, match="one coupling"):
        build_model(SETTINGS, both, system)
