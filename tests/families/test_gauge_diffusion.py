"""The diffusion model of U(1) links: forward law, closed forms of the score, symmetry, the walk with an exact score."""

import itertools
import math

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.families import build_model
from emulant.families.gauge_diffusion import heights
from emulant.families.gauge_diffusion.coupling import Wilson
from emulant.families.gauge_diffusion.heads import (
    broadened_score,
    dressed,
    filtered,
    momenta_squared,
    unwrapped_head,
)
from emulant.families.gauge_diffusion.heights import dual_head
from emulant.families.gauge_diffusion.sampling import levels, random_walk
from emulant.families.gauge_diffusion.score import network_of, plaquette_score
from emulant.families.gauge_diffusion.target import curl_loss, noise_levels, noisy, turned
from emulant.gauge.arrays import wrapped
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.loops import enclosed
from emulant.gauge.plaquettes import boundary_sums, plaquette_sums
from emulant.gauge.symmetries import transformed
from emulant.systems.u1.system import U1
from emulant.transport.circle.kernel import damping

LIMIT = 4.5
"""Errors of a mean that are allowed: false alarm 7e-6 each, below 1e-3 in this file."""


def numbers(count, value):
    return torch.full((count,), value, dtype=torch.float64)


def plaquettes_of(system, count, seed=1):
    angles = exact_plaquettes(system.exact, count, np.random.default_rng(seed)).angles
    return torch.from_numpy(angles.reshape(count, *system.site_shape[1:]))


def uniform(shape, seed=1):
    return 2 * math.pi * torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def trained_by_chance():
    torch.manual_seed(1)
    network = network_of(4, 2, 8)
    torch.nn.init.normal_(network.project)
    return network


@pytest.mark.parametrize("noise", [0.05, 0.3, 0.7, 1.1, 1.6])
@pytest.mark.parametrize("sides", [(1, 1), (2, 1), (2, 2)])
def test_noise_damps_loops_by_their_perimeter(noise, sides):
    """W e^(-P s^2 / 2) of the exact W, of plaquettes as the training sees them."""
    system, count = U1(3.0, (6, 6)), 3000
    s = numbers(count, noise)
    sample = noisy(
        plaquettes_of(system, count), s, Wilson.of(numbers(count, 3.0)), torch.Generator().manual_seed(2)
    )
    loops = np.cos(enclosed(sample.plaquettes.numpy(), *sides)).mean((1, 2))
    expected = system.exact.wilson_loop(sides[0] * sides[1]) * float(damping(2 * sum(sides), s[0]))
    assert abs(loops.mean() - expected) < LIMIT * loops.std() / math.sqrt(count)


def test_small_fluctuations_have_the_gaussian_score():
    """h(k) = -P(k)/(1/b_v + s^2 k^2) of small plaquettes at a large coupling, to the curvature of the potential."""
    beta, s = numbers(3, 400.0), numbers(3, 0.05)
    plaquettes = plaquette_sums(0.02 * (uniform((3, 2, 4, 6)) - math.pi))
    wilson = Wilson.of(beta)
    factor = -1 / (wilson.spread[:, None, None] + (s**2)[:, None, None] * momenta_squared((4, 6), plaquettes))
    head = unwrapped_head(plaquettes, s, wilson).head
    expected = filtered(plaquettes, factor)
    assert float((head - expected).abs().max()) < 5e-3 * float(expected.abs().max())


def test_without_noise_the_score_is_the_force():
    plaquettes = plaquette_sums(0.5 * (uniform((4, 2, 4, 4)) - math.pi)).clamp(-3, 3)
    wilson, s = Wilson.of(numbers(4, 2.0)), numbers(4, 1e-4)
    closed = plaquette_score(network_of(2, 1, 4), plaquettes, s, wilson)
    torch.testing.assert_close(closed, -2.0 * plaquettes.sin(), rtol=1e-4, atol=1e-4)


def test_the_broadened_score_is_the_slope_of_a_convolution():
    """Of von Mises' law with a wrapped Gaussian, by quadrature."""
    grid = -math.pi + 2 * math.pi * torch.arange(512, dtype=torch.float64) / 512
    variance, beta = 0.3, 2.5
    gaussian = sum(torch.exp(-((grid + 2 * math.pi * k) ** 2) / (2 * variance)) for k in range(-3, 4))
    spectrum = torch.fft.rfft(torch.exp(beta * grid.cos())) * torch.fft.rfft(torch.fft.ifftshift(gaussian))
    order = torch.arange(257, dtype=torch.float64)
    density = torch.fft.irfft(spectrum)
    slope = torch.fft.irfft(1j * order * spectrum)
    score = broadened_score(
        grid[None, None], Wilson.of(numbers(1, beta)), numbers(1, variance)[:, None, None]
    )
    torch.testing.assert_close(score[0, 0], slope / density, rtol=0, atol=1e-8)


def summed_over_heights(plaquettes, noise, wilson, highest=1):
    """i <n_p> by enumeration: heights -1, 0 and 1 on 3 x 3 sites; higher ones have a weight of e^(-8 s^2)."""
    heights = torch.tensor(list(itertools.product(range(-highest, highest + 1), repeat=9))).reshape(-1, 3, 3)
    logs = torch.cat([torch.zeros(1, dtype=torch.float64), wilson.ratios[0].log()])
    squares = sum((heights - heights.roll(1, axis)).square().sum((1, 2)) for axis in (1, 2))
    size = torch.exp(logs[heights.abs()].sum((1, 2)) - 0.5 * noise**2 * squares)
    term = size * torch.exp(1j * (heights * plaquettes).sum((1, 2)))
    return (1j * (term[:, None, None] * heights).sum(0) / term.sum()).real


@pytest.mark.parametrize(("noise", "part"), [(1.2, 0.15), (1.6, 0.03), (2.0, 0.01)])
def test_heights_sum_to_the_score_but_for_loops(noise, part):
    """On 3 x 3 sites, where loops are shortest: lines round the torus lack (I_1/I_0)^2 e^(-s^2) of the leading term."""
    plaquettes = plaquette_sums(uniform((1, 2, 3, 3)))
    wilson = Wilson.of(numbers(1, 1.0))
    exact = summed_over_heights(plaquettes[0], noise, wilson)
    closed = dual_head(plaquettes, numbers(1, noise), wilson)[0]
    error = boundary_sums(closed[None] - exact).abs().max()
    assert float(error) < part * float(boundary_sums(exact[None]).abs().max())


@pytest.mark.parametrize(("noise", "left"), [(0.1, 0.01), (0.3, 0.01), (0.4, 0.02), (0.5, 0.055), (0.7, 0.4)])
def test_closed_forms_leave_little(noise, left):
    """At beta = 7: the squared error against a noisy target, in units of that of no score at all.

    Messages that begin without the bonds to heights 0 leave twice as much as no score from s = 0.4 on.
    """
    system, count = U1(7.0, (8, 8)), 100
    wilson, s = Wilson.of(numbers(count, 7.0)), numbers(count, noise)
    sample = noisy(plaquettes_of(system, count), s, wilson, torch.Generator().manual_seed(4))
    closed = plaquette_score(network_of(2, 1, 4), sample.plaquettes, s, wilson)
    assert curl_loss(closed, sample, s) < left * curl_loss(torch.zeros_like(closed), sample, s)


def test_messages_have_converged(monkeypatch):
    """At beta = 7 and s = 0.6, where heights are correlated far: four rounds differ by 27e-4, and double raw <Q^2>."""
    system, count = U1(7.0, (8, 8)), 50
    wilson, s = Wilson.of(numbers(count, 7.0)), numbers(count, 0.6)
    plaquettes = noisy(plaquettes_of(system, count), s, wilson, torch.Generator().manual_seed(4)).plaquettes
    used = dual_head(plaquettes, s, wilson)
    monkeypatch.setattr(heights, "ROUNDS", 32)
    change = boundary_sums(used - dual_head(plaquettes, s, wilson)) * 0.6
    assert float(change.square().mean()) < 5e-4


def test_a_larger_coupling_makes_up_for_loops():
    """At beta = 11 and s = 0.7 heights that are told more than beta lower the loss, by six of its paired errors."""
    system, count = U1(11.0, (8, 8)), 1000
    wilson, s = Wilson.of(numbers(count, 11.0)), numbers(count, 0.7)
    sample = noisy(plaquettes_of(system, count), s, wilson, torch.Generator().manual_seed(4))
    plain, told = (
        (boundary_sums(dual_head(sample.plaquettes, s, w) - sample.target) * 0.7).square().mean((1, 2, 3))
        for w in (wilson, dressed(s, wilson))
    )
    assert float((told - plain).mean()) < -3 * float((told - plain).std()) / math.sqrt(count)
    torch.testing.assert_close(dressed(numbers(count, 0.3), wilson).beta, wilson.beta, rtol=1e-4, atol=0)


@pytest.mark.parametrize("noise", [0.1, 0.4, 0.8, 4.5])
def test_the_score_is_odd_and_moves_with_the_lattice(noise):
    network = trained_by_chance()
    plaquettes = wrapped(plaquette_sums(uniform((6, 2, 4, 6))))
    wilson, s = Wilson.of(numbers(6, 2.0)), numbers(6, noise)
    score = plaquette_score(network, plaquettes, s, wilson)
    assert score.isfinite().all() and score.abs().max() > 1e-3 * (noise < 1)
    torch.testing.assert_close(plaquette_score(network, -plaquettes, s, wilson), -score, rtol=0, atol=1e-6)
    moved = plaquette_score(network, plaquettes.roll((1, 2), (1, 2)), s, wilson)
    torch.testing.assert_close(moved, score.roll((1, 2), (1, 2)), rtol=1e-4, atol=1e-5)


def test_the_network_is_exactly_odd():
    network = trained_by_chance()
    generator = torch.Generator().manual_seed(1)
    odd, even, told = (torch.randn(5, *shape, generator=generator) for shape in ((6, 4, 4), (2, 4, 4), (6,)))
    assert torch.equal(network(-odd, even, told), -network(odd, even, told))


def test_the_walk_commutes_with_gauge_transformations():
    network, wilson = trained_by_chance(), Wilson.of(numbers(4, 2.0))
    links, turns = uniform((4, 2, 4, 4)), uniform((4, 4, 4), 2)

    def walked(start):
        def head(plaquettes, s):
            return plaquette_score(network, plaquettes, numbers(4, s), wilson).detach()

        return random_walk(head, start, 24, torch.Generator().manual_seed(3))

    change = wrapped(walked(transformed(links, turns)) - transformed(walked(links), turns))
    assert float(change.abs().max()) < 1e-6


def test_the_target_is_unbiased():
    """Of one noise level, against the force: the same projection on any function of noisy plaquettes."""
    system, count, noise = U1(2.0, (4, 4)), 16000, 0.6
    clean, wilson = plaquettes_of(system, count), Wilson.of(numbers(count, 2.0))
    sample = noisy(clean, numbers(count, noise), wilson, torch.Generator().manual_seed(4))
    for probe in (torch.sin(sample.plaquettes), torch.sin(2 * sample.plaquettes), sample.plaquettes):
        # Modes other than zero, which the score of links does not see.
        probe = probe - probe.mean((1, 2), keepdim=True)
        difference = (probe * (sample.target + 2.0 * clean.sin())).sum((1, 2))
        assert abs(difference.mean()) < LIMIT * difference.std() / math.sqrt(count)


def test_noise_levels_dwell_where_sectors_are_decided():
    drawn = noise_levels(4000, torch.Generator().manual_seed(1))
    assert float(drawn.min()) >= 0.02 and float(drawn.max()) <= 2.5
    inside = ((drawn > 0.15) & (drawn < 1.2)).double().mean()
    assert 0.7 < float(inside) < 0.85


def test_steps_fall_by_one_factor():
    steps = np.array(levels(40))
    assert steps[0] == pytest.approx(2.5) and steps[-1] == pytest.approx(0.02)
    assert steps[1:] / steps[:-1] == pytest.approx(steps[1] / steps[0]) and steps[1] < steps[0]


def test_reflections_and_exchanges_keep_the_loss():
    system, count = U1(2.0, (4, 4)), 50
    plaquettes, wilson, s = plaquettes_of(system, count), Wilson.of(numbers(count, 2.0)), numbers(count, 0.5)
    for seed in range(6):
        moved = turned(plaquettes, torch.Generator().manual_seed(seed))
        assert moved.shape == plaquettes.shape
        torch.testing.assert_close(moved.sum((1, 2)), plaquettes.sum((1, 2)))
        head = unwrapped_head(moved, s, wilson).head
        torch.testing.assert_close(head.sum((1, 2)), unwrapped_head(plaquettes, s, wilson).head.sum((1, 2)))


def test_another_action_is_refused(monkeypatch):
    system = U1(2.0, (4, 4))
    links = torch.from_numpy(
        exact_links(plaquettes_of(system, 8).numpy(), system.site_shape, np.random.default_rng(1))
    )
    settings = {
        "name": "m",
        "family": "gauge_diffusion",
        "network": {"channels": 2, "blocks": 1, "embedding": 4},
    }
    build_model(settings, links, system)
    monkeypatch.setattr(U1, "action", lambda self, fields: 1.1 * fields.cos().sum((1, 2, 3)))
    with pytest.raises(InputError, match="S = -beta sum cos theta_p"):
        build_model(settings, links, system)
