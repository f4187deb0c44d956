"""Worms, and plaquettes with lines, each alone, against exact values. False alarm of a set of pulls: 1 %, at fixed seeds."""

import numpy as np
import pytest

from emulant.statistics.pulls import limit
from emulant.systems.complex_scalar.system import from_settings
from emulant.worldlines.chains import DualChains, DualMoves, starts
from emulant.worldlines.dual import half_occupation

CHAINS = 64


def system(shape, mu, coupling=1.0):
    return from_settings({"mass": 0.1, "lambda": coupling, "shape": shape, "mu": mu})


def chains_of(field, seed=3):
    dual, _ = starts(field.gas.shape, CHAINS, np.random.default_rng(5))
    return DualChains(dual, field.weights, seed=seed)


def means(field, chains, moves, updates):
    """Density, |phi|^2 and |phi|^4 of each chain, (chains, 3)."""
    sums = np.zeros((CHAINS, 3))
    for _ in range(updates):
        chains.advance(moves)
        view = field.view(chains.fields)
        sums += np.stack([view.density, *view.moments], 1) / updates
    return sums


def pulls(field, values):
    error = values.std(0, ddof=1) / np.sqrt(len(values))
    return (values.mean(0) - list(field.exact.observables)) / error


@pytest.mark.parametrize("moves", [DualMoves(worms=2), DualMoves(loops=1)], ids=["worms", "loops"])
def test_exact_values(moves):
    """Four sites in time and 2 x 2 sites: six pulls of hot and cold chains together; another mu is noticed."""
    deviations = []
    for shape, mu in (([4], 0.8), ([2, 2], 1.0)):
        field = system(shape, mu)
        chains = chains_of(field)
        chains.advance(moves, 30)
        values = means(field, chains, moves, 80)
        deviations += list(pulls(field, values))
        assert np.abs(pulls(system(shape, mu + 0.4), values)).max() > limit(6)
    assert np.abs(deviations).max() < limit(6)


@pytest.mark.parametrize("shape", [[3], [3, 4], [1, 3], [2, 3, 2]])
def test_flux_stays_conserved(shape):
    """By both kinds of moves, on lattices with links that end where they begin; occupations are those of the integers."""
    field = system(shape, 1.0)
    chains = chains_of(field)
    chains.advance(DualMoves(worms=2, loops=2), 10)
    assert not field.view(chains.fields).broken.any() and chains.pairs.min() >= 0
    np.testing.assert_array_equal(chains.occupation, half_occupation(chains.dual).reshape(CHAINS, -1))


def test_the_identity_holds_and_another_coupling_breaks_it():
    field = system([3, 3], 1.0)
    chains = chains_of(field)
    chains.advance(DualMoves(2, 1), 20)
    sums = np.zeros((2, CHAINS))
    for _ in range(40):
        chains.advance(DualMoves(1, 1))
        other = system([3, 3], 1.0, 1.3).weights
        sums += [chains.averages().identity, other.pair_balance(chains.dual)]
    right, wrong = sums.mean(1) / (sums.std(1) / np.sqrt(CHAINS))
    assert abs(right) < limit(1) < abs(wrong)


def test_a_run_goes_on_bit_for_bit():
    field = system([3, 4], 0.9)
    one, two = chains_of(field, 8), chains_of(field, 9)
    one.advance(DualMoves(1, 1), 3)
    two.restore(one.state())
    for chains in (one, two):
        chains.advance(DualMoves(1, 1), 3)
    assert one.fields.tobytes() == two.fields.tobytes()
