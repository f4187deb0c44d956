"""Hybrid Monte Carlo of links: exact averages in equilibrium, shifts of the charge, and a run that goes on bit for bit."""

import numpy as np
import pytest

from emulant.gauge.arrays import wrapped
from emulant.gauge.chains import LinkChains, LinkTrajectory, starts
from emulant.gauge.exact import Torus
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.plaquettes import plaquette_sums

BETA, SHAPE = 2.0, (2, 6, 6)
TORUS = Torus(BETA, 36)


def equilibrium(chains, seed=3):
    generator = np.random.default_rng(seed)
    return exact_links(exact_plaquettes(TORUS, chains, generator).angles, SHAPE, generator)


def pulls(links):
    """Of the plaquette, W(2 x 2) of fixed plaquettes and <Q^2>, over independent chains."""
    plaquettes = wrapped(plaquette_sums(links))
    square = plaquettes[:, 0, 0] + plaquettes[:, 0, 1] + plaquettes[:, 1, 0] + plaquettes[:, 1, 1]
    charge = plaquettes.sum((1, 2)) / (2 * np.pi)
    measured = {
        TORUS.plaquette: np.cos(plaquettes).mean((1, 2)),
        TORUS.wilson_loop(4): np.cos(square),
        TORUS.charge_squared: charge**2,
    }
    return [(v.mean() - exact) / (v.std() / np.sqrt(len(v))) for exact, v in measured.items()]


@pytest.mark.parametrize("q_shift", [False, True])
@pytest.mark.parametrize("steps", [4, 8])
def test_the_exact_law_stays(q_shift, steps):
    """Chains that begin in equilibrium stay there, with long steps of which half are rejected too: 4.5 errors, 4e-5."""
    chains = LinkChains(equilibrium(3000), BETA, seed=5)
    acceptance = chains.advance(LinkTrajectory(steps, 1.0 / steps, q_shift), 6).mean()
    assert 0.15 < acceptance < 0.99
    assert max(map(abs, pulls(chains.links))) < 4.5


def test_hot_and_cold_chains_reach_it():
    links, hot = starts(SHAPE, 2000, np.random.default_rng(2))
    assert hot.sum() == 1000
    chains = LinkChains(links, BETA, seed=6)
    chains.advance(LinkTrajectory.of(BETA, SHAPE, True), 60)
    for part in (hot, ~hot):
        assert max(map(abs, pulls(chains.links[part]))) < 4.5
    assert chains.links.min() >= -np.pi and chains.links.max() < np.pi


def test_a_shift_moves_every_plaquette_and_is_accepted_as_computed():
    """Trajectories without motion: the charge changes by one where a shift was accepted, else the links are the same.

    The acceptance is that of min(1, e^-dS) averaged over exact samples, 4.5 errors (false alarm 7e-6).
    """
    links = equilibrium(4000)
    chains = LinkChains(links, BETA, seed=7)
    chains.advance(LinkTrajectory(2, 1e-9, True))
    change = wrapped(plaquette_sums(chains.links) - plaquette_sums(links))
    step = 2 * np.pi / 36
    turned = np.rint(change[:, 0, 0] / step)
    np.testing.assert_allclose(change, np.broadcast_to(turned[:, None, None] * step, change.shape), atol=1e-6)
    np.testing.assert_array_equal(np.abs(turned), chains.shifts)
    angles = plaquette_sums(links)
    inside = (np.abs(wrapped(angles)) < np.pi - step).all((1, 2))
    charges = chains.charge - LinkChains(links, BETA, seed=1).charge
    np.testing.assert_array_equal(charges[inside], turned[inside])
    rates = [
        np.minimum(1, np.exp(BETA * (np.cos(angles + s * step) - np.cos(angles)).sum((1, 2))))
        for s in (1, -1)
    ]
    expected = np.mean(rates)
    assert abs(chains.shifts.mean() - expected) < 4.5 * np.sqrt(expected * (1 - expected) / 4000)


def test_a_run_goes_on_bit_for_bit():
    links, _ = starts(SHAPE, 8, np.random.default_rng(4))
    one, two = LinkChains(links, BETA, seed=8), LinkChains(links, BETA, seed=9)
    update = LinkTrajectory.of(BETA, SHAPE, True)
    one.advance(update, 3)
    two.restore(one.state())
    for chains in (one, two):
        chains.advance(update, 3)
    assert one.fields.tobytes() == two.fields.tobytes()
    assert {k: v.tobytes() for k, v in one.state().items()} == {
        k: v.tobytes() for k, v in two.state().items()
    }


@pytest.mark.parametrize(("beta", "length"), [(0.1, 6), (2.0, 8), (7.0, 16), (11.0, 8)])
def test_steps_are_chosen_so_that_most_trajectories_are_accepted(beta, length):
    shape, generator = (2, length, length), np.random.default_rng(3)
    links = exact_links(exact_plaquettes(Torus(beta, length**2), 24, generator).angles, shape, generator)
    chains = LinkChains(links, beta, seed=1)
    assert 0.7 < chains.advance(LinkTrajectory.of(beta, shape, False), 12).mean() <= 1
