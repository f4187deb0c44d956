"""Quality of the random numbers; every limit is 5 sigma, false alarm 6e-7 a number."""

import numpy as np
import pytest
from scipy import stats

from emulant.randomness.streams import LANES, normals, padded_count, seeded, uniforms
from emulant.randomness.xorshift import uniform

CHAINS, COUNT = 32, 65536


@pytest.fixture(scope="module")
def drawn():
    """Normals (CHAINS, COUNT) in double precision."""
    states, words = seeded(np.random.SeedSequence(3), CHAINS), np.empty(COUNT, np.uint32)
    out = np.empty((CHAINS, COUNT), np.float32)
    for state, row in zip(states, out, strict=True):
        normals(state, words, row)
    return out.astype(np.float64)


def pull(values, mean, variance):
    return (values.mean() - mean) / np.sqrt(variance / values.size)


@pytest.mark.parametrize("n", range(1, 7))
def test_moments(drawn, n):
    """<x^n> = (n-1)!! for even n, 0 for odd n."""
    exact = {0: 1, 2: 1, 4: 3, 6: 15, 8: 105, 10: 945, 12: 10395}
    mean = exact.get(n, 0)
    assert abs(pull(drawn**n, mean, exact[2 * n] - mean**2)) < 5


def test_tails_and_distribution(drawn):
    for limit in (2, 3, 4, 5):
        expected = drawn.size * 2 * stats.norm.sf(limit)
        assert abs((np.abs(drawn) > limit).sum() - expected) < 5 * np.sqrt(expected) + 5
    assert stats.kstest(drawn[0], stats.norm.cdf).pvalue > 6e-7
    assert np.abs(drawn).max() < 6.77


@pytest.mark.parametrize("lag", [1, 2, 16, LANES - 1, LANES, LANES + 1, 1024, COUNT // 2])
def test_numbers_of_a_chain_are_independent(drawn, lag):
    """COUNT / 2 pairs each sine with its cosine of one Box-Muller map, LANES successive words of one generator."""
    early, late = drawn[:, :-lag], drawn[:, lag:]
    assert abs(pull(early * late, 0, 1)) < 5
    assert abs(pull((early**2 - 1) * (late**2 - 1), 0, 4)) < 5


def test_chains_are_independent(drawn):
    assert abs(pull(drawn[:-1] * drawn[1:], 0, 1)) < 5
    assert abs(pull((drawn[:-1] ** 2 - 1) * (drawn[1:] ** 2 - 1), 0, 4)) < 5


@pytest.mark.parametrize("source", ["momenta", "clusters"])
def test_uniforms(source):
    """Moments, equal cells of pairs, and bounds."""
    out = np.empty((40000, 4))
    if source == "momenta":
        state, words = seeded(np.random.SeedSequence(4), 1)[0], np.empty(LANES, np.uint32)
        for row in out:
            uniforms(state, words, row)
    else:
        state = np.array([88172645463325252], np.uint64)
        out.flat[:] = [uniform(state) for _ in range(out.size)]
    assert out.min() >= 0 and out.max() < 1
    assert abs(pull(out, 1 / 2, 1 / 12)) < 5 and abs(pull(out**2, 1 / 3, 4 / 45)) < 5
    cells = np.histogram2d(out[:, 0], out[:, 1], bins=16, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(cells.ravel()).pvalue > 6e-7


def test_known_words_of_the_generator():
    """The recursion of xoshiro128++ in plain integers."""
    state, words = seeded(np.random.SeedSequence(5), 1)[0], np.empty(2 * LANES, np.uint32)
    a, b, c, d = (int(row[7]) for row in state)
    mask, expected = 0xFFFFFFFF, []
    for _ in range(2):
        total = (a + d) & mask
        expected.append((((total << 7) | (total >> 25)) + a) & mask)
        shifted = (b << 9) & mask
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = ((d << 11) | (d >> 21)) & mask
    normals(state, words, np.empty(2 * LANES, np.float32))
    assert [int(words[7]), int(words[LANES + 7])] == expected


@pytest.mark.parametrize(("count", "padded"), [(1, 64), (64, 64), (65, 128)])
def test_padded_count(count, padded):
    assert padded_count(count) == padded
