"""Limits and correlated chi^2 keep their false-alarm rates, and say no."""

import numpy as np
import pytest
from scipy import stats

from emulant.statistics.cumulants import cumulants
from emulant.statistics.jackknife import bias, covariance
from emulant.statistics.pulls import (
    correlated_chi2,
    degrees_of_freedom,
    equivalent_pull,
    limit,
    p_value,
    pull,
)


def test_pull_of_independent_numbers():
    assert pull(1.0, 0.3, 2.0, 0.4) == pytest.approx(-2.0)
    assert pull(1.0, 0.0, 1.0) == 0 and pull(1.0, 0.0, 0.5) == np.inf


def test_limit_of_many_tests():
    """20 pulls stay below the limit with probability 1 - 0.01; 10^5 repetitions, 4 sigma."""
    pulls = np.abs(np.random.default_rng(1).normal(size=(100_000, 20))).max(axis=1)
    alarms = np.mean(pulls > limit(20, 0.01))
    assert abs(alarms - 0.01) < 4 * np.sqrt(0.01 / 100_000)
    assert limit(1, 0.3173) == pytest.approx(1, abs=1e-3)


def test_p_values_of_few_blocks_follow_student():
    assert p_value(3.0) == pytest.approx(0.0027, abs=1e-4)
    assert p_value(3.0, 5) == pytest.approx(2 * stats.t.sf(3.0, 5))
    assert equivalent_pull(p_value(3.0)) == pytest.approx(3.0)
    assert np.isfinite(equivalent_pull(0.0))


def test_welch_satterthwaite_limits():
    assert degrees_of_freedom([1.0, 0.0], [10, 20]) == pytest.approx(9)
    assert degrees_of_freedom([1.0, 1.0], [10, 10]) == pytest.approx(18)


def repetitions(rng, count, blocks, mix, shift=0.0):
    """p-values of `count` tests between means of correlated numbers with exactly known block means."""
    p_values = []
    for _ in range(count):
        means, covariances = [], []
        for number in blocks:
            x = rng.normal(size=(number, len(mix))) @ mix
            samples = (x.sum(axis=0) - x) / (number - 1)
            means.append(x.mean(axis=0))
            covariances.append(covariance(samples))
        difference = means[0] - (means[1] if len(blocks) == 2 else 0) + shift
        p_values.append(correlated_chi2(difference, covariances, blocks).p)
    return np.array(p_values)


@pytest.mark.parametrize("blocks", [[64], [64, 256], [128, 128]])
def test_correlated_chi2_is_uniform_for_a_right_model(blocks):
    """400 p-values of 12 strongly correlated numbers: Kolmogorov-Smirnov at 1e-3."""
    rng = np.random.default_rng(2)
    mix = np.eye(12) + 3 * np.ones((12, 12))
    assert stats.kstest(repetitions(rng, 400, blocks, mix), "uniform").pvalue > 1e-3


def test_plain_chi2_would_raise_false_alarms():
    """The finite number of blocks is what Hotelling corrects: with 64 of them and 12 numbers it matters."""
    rng, mix = np.random.default_rng(3), np.eye(12)
    x = rng.normal(size=(300, 64, 12)) @ mix
    t2 = [correlated_chi2(s.mean(0), [covariance((s.sum(0) - s) / 63)], [64]).value for s in x]
    assert np.mean(stats.chi2.sf(t2, 12) < 0.01) > 0.02


def test_small_shift_against_the_correlation_is_seen():
    """Numbers that move together: a shift of a tenth of each error, alternating in sign, fails."""
    rng = np.random.default_rng(4)
    mix = 0.02 * np.eye(8) + np.ones((8, 8)) / np.sqrt(8)
    shift = 0.1 / np.sqrt(128) * np.resize([1, -1], 8)
    assert np.all(repetitions(rng, 20, [128, 128], mix, shift) < 1e-4)


def test_more_numbers_than_blocks_are_cut_not_inverted():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(40, 100))
    result = correlated_chi2(x.mean(0), [covariance((x.sum(0) - x) / 39)], [40])
    assert result.directions == 10 and 0 < result.p <= 1


def cumulant_p_values(rng, count, *, biases):
    """p-values of kappa_2 ... kappa_8 of two peaks at +-1, width 0.05, from 20,000 samples in 128 blocks."""
    mean, width, p_values = 1.0, 0.05, []
    exact = cumulants([stats.norm.moment(n, mean, width) if n % 2 == 0 else 0.0 for n in range(1, 9)])[1::2]
    for _ in range(count):
        x = mean + width * rng.normal(size=(128, 160))
        means = np.stack([(x**n).mean(axis=1) for n in range(1, 9)], axis=1)
        value = cumulants(means.mean(0))[1::2]
        samples = cumulants((means.sum(0) - means) / 127)[:, 1::2]
        curvature = [bias(value, samples)] if biases else []
        p_values.append(correlated_chi2(value - exact, [covariance(samples)], [128], curvature).p)
    return np.array(p_values)


def test_directions_ruled_by_curvature_are_not_judged():
    """Cumulants of two narrow peaks move together; 300 right samples, Kolmogorov-Smirnov at 1e-3."""
    rng = np.random.default_rng(6)
    assert stats.kstest(cumulant_p_values(rng, 300, biases=True), "uniform").pvalue > 1e-3
    assert np.mean(cumulant_p_values(rng, 300, biases=False) < 1e-3) > 0.02


def test_numbers_without_error_count_only_where_they_differ():
    """A bin that is empty in both ensembles changes nothing; one that is always 0 here and always 1 there decides."""
    rng = np.random.default_rng(3)
    root = rng.normal(size=(3, 3))
    small, difference = root @ root.T + np.eye(3), rng.normal(size=3)
    wide = np.zeros((4, 4))
    wide[:3, :3] = small
    bare = correlated_chi2(difference, [small, small], [40, 60], [np.zeros(3)] * 2)
    same = correlated_chi2(np.append(difference, 0.0), [wide, wide], [40, 60], [np.zeros(4)] * 2)
    assert same == pytest.approx(bare)
    assert correlated_chi2(np.append(difference, 1.0), [wide, wide], [40, 60]).p == 0
    assert correlated_chi2(np.zeros(2), [np.zeros((2, 2))], [40]).p == 1
