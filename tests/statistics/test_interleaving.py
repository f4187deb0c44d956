"""Chains beside each other are told from one chain, and one chain is believed."""

import numpy as np
import pytest
from scipy.signal import lfilter

from emulant.statistics.interleaving import interleaved


def autoregressive(count, a, seed, chains=()):
    """Stationary AR(1) of unit variance with correlation a of neighbours, (count, *chains)."""
    noise = np.random.default_rng(seed).normal(size=(count, *chains))
    noise[1:] *= np.sqrt(1 - a * a)
    return lfilter([1], [1, -a], noise, axis=0)


def quantities(x):
    return np.column_stack([x, np.abs(x), x**2])


@pytest.mark.parametrize("chains", [2, 8, 32])
@pytest.mark.parametrize("a", [0.5, 0.9])
def test_chains_beside_each_other_are_seen(chains, a):
    """Rows of one chain lie `chains` apart, and are as correlated as its neighbours in time are."""
    for seed in range(5):
        x = autoregressive(2048 // chains, a, seed, (chains,)).ravel()
        pattern = interleaved(quantities(x))
        assert pattern.apart == chains
        # Ranks of Gaussian numbers correlate by 6/pi asin(a/2); the error is some 4 sqrt(2 tau / N).
        expected = 6 / np.pi * np.arcsin(a / 2)
        assert pattern.correlation == pytest.approx(expected, abs=5 * np.sqrt((1 + a) / (1 - a) / 2048))
        assert abs(pattern.neighbours) < 5 * np.sqrt((1 + a * a) / (1 - a * a) / 2048)


def test_chains_that_never_leave_their_wells_are_seen():
    sign = np.array([1, -1, -1, 1, -1, 1, 1, 1])
    x = (sign + 0.3 * np.random.default_rng(1).normal(size=(64, 8))).ravel()
    assert interleaved(quantities(x)).apart == 8


ONE_CHAIN = {
    "independent": lambda count, seed: autoregressive(count, 0.0, seed),
    "heavy tails": lambda count, seed: autoregressive(count, 0.0, seed) ** 7,
    "short": lambda count, seed: autoregressive(count, 0.4, seed),
    "long": lambda count, seed: autoregressive(count, 0.97, seed),
    "alternating": lambda count, seed: autoregressive(count, -0.6, seed),
    "a slow part": lambda count, seed: (
        autoregressive(count, 0.0, seed) + 0.5 * autoregressive(count, 0.97, seed + 10**6)
    ),
    "jumps": lambda count, seed: (
        np.sign(autoregressive(count, 0.95, seed)) + 0.3 * autoregressive(count, 0.0, seed + 10**6)
    ),
    "spins": lambda count, seed: np.sign(autoregressive(count, 0.3, seed)),
}


@pytest.mark.parametrize("kind", ONE_CHAIN)
@pytest.mark.parametrize("count", [128, 1024])
def test_one_chain_is_believed(kind, count):
    """One false alarm in 10^4 files is promised: one of ten runs of all these tests would have one, and seeds are fixed."""
    assert not any(interleaved(quantities(ONE_CHAIN[kind](count, seed))) for seed in range(60))


def test_chains_after_each_other_are_believed():
    for seed in range(20):
        assert interleaved(quantities(autoregressive(256, 0.8, seed, (8,)).T.ravel())) is None


def test_quantities_that_do_not_fluctuate_say_nothing():
    assert interleaved(np.ones((128, 3))) is None
