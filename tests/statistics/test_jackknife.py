"""The blocked jackknife against known errors; stated bounds are 4 sigma of the check itself."""

import numpy as np
import pytest

from emulant.statistics.jackknife import (
    BlockSums,
    assign_blocks,
    covariance,
    effective_size,
    jackknife,
    jackknife_error,
)


def filled(values, weight=None, chain=None, blocks=256):
    sums = BlockSums(values.shape[1])
    sums.add(assign_blocks(len(values), chain, blocks), values, weight)
    return sums


def test_one_block_a_configuration_is_the_textbook_error():
    x = np.random.default_rng(1).normal(size=(200, 1))
    value, samples = jackknife(filled(x))
    assert value[0] == pytest.approx(x.mean())
    assert jackknife_error(samples)[0] == pytest.approx(x.std(ddof=1) / np.sqrt(200))


def test_covariance_of_correlated_means():
    """Of (x, x + y): [[1, 1], [1, 2]] / N, each entry within 4 sqrt(2/256) of itself."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 65536))
    _, samples = jackknife(filled(np.stack([x, x + y], axis=1)))
    np.testing.assert_allclose(65536 * covariance(samples), [[1, 1], [1, 2]], rtol=4 * np.sqrt(2 / 256))


def test_error_of_a_nonlinear_function_is_the_spread_over_repetitions():
    """<x^4>/<x^2>^2 - 3 over 200 repetitions: mean squared pull is 1 within 4 sqrt(2/200)."""
    rng = np.random.default_rng(3)
    pulls = []
    for _ in range(200):
        x = rng.normal(size=4096)
        sums = filled(np.stack([x**2, x**4], axis=1))
        value, samples = jackknife(sums, lambda m: (m[..., 1:] / m[..., :1] ** 2) - 3)
        pulls.append(value[0] / jackknife_error(samples)[0])
    assert abs(np.mean(np.square(pulls)) - 1) < 4 * np.sqrt(2 / 200)


@pytest.mark.parametrize("chains", [8, 256])
def test_autocorrelation_stays_inside_blocks(chains):
    """AR(1) with tau_int = 2.5: the error is sqrt(5) times the naive one, to the accuracy of 128 blocks."""
    rng, a, length = np.random.default_rng(4), 2 / 3, 65536 // chains
    x = np.empty((length, chains))
    x[0] = rng.normal(size=chains)
    for t in range(1, length):
        x[t] = a * x[t - 1] + np.sqrt(1 - a**2) * rng.normal(size=chains)
    chain = np.tile(np.arange(chains), length)
    _, samples = jackknife(filled(x.reshape(-1, 1), chain=chain))
    assert jackknife_error(samples)[0] * 256 == pytest.approx(np.sqrt(5), rel=4 / np.sqrt(2 * 128))


def test_blocks_are_whole_chains_in_any_order():
    chain = np.random.default_rng(5).permutation(np.repeat(np.arange(300), 7))
    block = assign_blocks(2100, chain)
    assert block.max() + 1 == 256
    assert all(len(np.unique(block[chain == c])) == 1 for c in range(300))


def test_few_chains_are_cut_into_contiguous_pieces():
    block = assign_blocks(2000, np.tile([0, 1], 1000))
    assert block.max() + 1 == 128
    assert np.all(np.diff(block[::2]) >= 0) and not set(block[::2]) & set(block[1::2])


def test_chunks_add_up():
    x = np.random.default_rng(6).normal(size=(1000, 3))
    block = np.random.default_rng(7).integers(10, size=1000)
    whole, parts = BlockSums(3), BlockSums(3)
    whole.add(block, x)
    for part in np.split(np.arange(1000), [17, 400]):
        parts.add(block[part], x[part])
    np.testing.assert_allclose(whole.leave_one_out(), parts.leave_one_out(), rtol=1e-12)


def test_reweighting_to_another_gaussian():
    """From N(0, 1) to N(0.3, 1): <x> = 0.3, <x^2> = 1.09 within 4 errors; ESS = N e^-0.09."""
    x = np.random.default_rng(8).normal(size=65536)
    log_weight = 0.3 * x - 0.045
    sums = filled(np.stack([x, x**2], axis=1), np.exp(log_weight))
    value, samples = jackknife(sums)
    error = jackknife_error(samples)
    assert np.all(np.abs(value - [0.3, 1.09]) < 4 * error)
    assert effective_size(log_weight) / 65536 == pytest.approx(np.exp(-0.09), rel=0.02)
    assert error[0] > 1 / 256


def test_effective_size_of_equal_weights():
    assert effective_size(np.full(50, -1e4)) == pytest.approx(50)
