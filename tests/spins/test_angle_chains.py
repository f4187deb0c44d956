"""Chains of the XY model: published values of small lattices, the high-temperature series, moves one by one."""

import numpy as np
import pytest
from scipy.special import iv, ive

from emulant.spins.angle_chains import AngleChains, AngleMoves, starts
from emulant.spins.angle_moves import von_mises
from emulant.spins.angles import energy, schwinger_dyson
from emulant.systems.xy.system import XY

TABLE = {
    0.4: ((-0.42469, 0.00082), (0.00170, 0.00082), (0.22975, 0.00026), (2.828, 0.014), (0.18736, 0.00046)),
    0.8: ((-1.04499, 0.00084), (0.2272, 0.0014), (0.07269, 0.00020), (19.337, 0.043), (0.52602, 0.00072)),
    1.1: ((-1.44764, 0.00058), (0.65889, 0.00070), (0.007851, 0.000068), (38.507, 0.028), (0.77295, 0.00030)),
}
"""beta -> E/V, helicity modulus, vortex density, V <m^2>, <|m|> with errors, L = 8, by another program."""
MOVES = {"heat_bath": AngleMoves(2), "mixed": AngleMoves(1, 2), "clusters": AngleMoves(0, 0, 8)}


def means(beta, shape, moves, *, chains, updates, seed=1):
    """Means and errors of the five observables over independent chains from hot and cold starts."""
    angles, _ = starts(shape, chains, np.random.default_rng(seed))
    moved, system, rows = AngleChains(angles, beta, seed=seed), XY(beta, shape), []
    moved.advance(moves, 100)
    for _ in range(updates):
        moved.advance(moves, 2)
        view = system.view(moved.angles)
        vortices = np.abs(view.vortices).mean((1, 2))
        rows.append([view.energy, view.stiffness, vortices, view.volume * view.order**2, view.order])
    each = np.mean(rows, 0)
    return each.mean(1), each.std(1, ddof=1) / np.sqrt(chains)


@pytest.mark.parametrize(
    ("name", "beta"),
    [
        ("heat_bath", 0.4),
        ("heat_bath", 0.8),
        ("heat_bath", 1.1),
        ("mixed", 0.8),
        ("clusters", 0.4),
        ("clusters", 1.1),
    ],
)
def test_the_table(beta, name):
    """Each move alone, but over-relaxation, which keeps the energy: 30 pulls below 4.5, false alarm 2e-4 in all."""
    value, error = means(beta, (8, 8), MOVES[name], chains=200, updates=20)
    published, published_error = np.transpose(TABLE[beta])
    assert (np.abs(value - published) < 4.5 * np.hypot(error, published_error)).all()


def test_the_high_temperature_series():
    """E/V = -d/d beta of 2 ln I_0 + 2 u^4 + 4 u^6, u = I_1 / I_0, at beta = 0.2, where what is left is below 1e-5."""
    beta = 0.2
    u = iv(1, beta) / iv(0, beta)
    slope = 1 - u / beta - u**2
    exact = -(2 * u + (8 * u**3 + 24 * u**5) * slope)
    value, error = means(beta, (8, 8), AngleMoves(1), chains=400, updates=20)
    assert error[0] < 1.5e-3 and abs(value[0] - exact) < 4.5 * error[0]


@pytest.mark.parametrize("concentration", [1e-9, 0.3, 0.6, 4.0, 60.0])
def test_the_law_of_an_angle(concentration):
    """<cos theta>, <cos 2 theta> of 40000 draws are I_1 / I_0 and I_2 / I_0: 4.5 errors."""
    state = np.array([12345], np.uint64)
    drawn = np.array([von_mises(concentration, state) for _ in range(40000)])
    assert abs((drawn > 0).mean() - 0.5) < 4.5 * 0.0025
    for order in (1, 2):
        cosines = np.cos(order * drawn)
        exact = ive(order, concentration) / ive(0, concentration)
        assert abs(cosines.mean() - exact) < 4.5 * cosines.std() / 200


def test_over_relaxation_keeps_the_energy_and_moves_every_angle():
    angles, _ = starts((6, 6), 20, np.random.default_rng(3))
    chains = AngleChains(angles, 0.7, seed=1)
    chains.advance(AngleMoves(0, 1))
    np.testing.assert_allclose(energy(chains.angles), energy(angles), atol=1e-11)
    assert (np.abs(chains.angles - angles) > 1e-9).mean() > 0.99
    assert chains.angles.min() >= -np.pi and chains.angles.max() < np.pi


def test_the_identity_vanishes_in_equilibrium():
    """Over 400 chains, 4.5 errors; a temperature that is off by a tenth breaks it."""
    angles, _ = starts((6, 6), 400, np.random.default_rng(4))
    chains = AngleChains(angles, 0.9, seed=2)
    chains.advance(AngleMoves(1, 1, 2), 100)
    pulls = []
    for beta in (0.9, 1.0):
        off = schwinger_dyson(chains.angles, beta)
        pulls.append(abs(off.mean()) / (off.std() / 20))
    assert pulls[0] < 4.5 < pulls[1]


def test_a_run_goes_on_bit_for_bit():
    angles, _ = starts((5, 7), 8, np.random.default_rng(5))
    one, two = (AngleChains(angles, 0.8, seed=seed) for seed in (8, 9))
    one.advance(AngleMoves(1, 1, 2), 3)
    two.restore(one.state())
    for chains in (one, two):
        chains.advance(AngleMoves(1, 1, 2), 3)
    assert one.fields.tobytes() == two.fields.tobytes()
