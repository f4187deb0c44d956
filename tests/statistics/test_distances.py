"""Distances of feature vectors: closed forms, the rate of false alarms, and what they must see."""

import numpy as np
import pytest
from scipy import stats

from emulant.statistics.distances import distances


def rows(generator, draws, dimensions=3, each=1, shift=0.0, correlation=0.0):
    """Normal rows with a common mean and one correlation."""
    values = generator.normal(size=(draws, each, dimensions))
    values[..., 1] = correlation * values[..., 0] + np.sqrt(1 - correlation**2) * values[..., 1]
    return values + shift


def test_equal_laws_are_told_apart_as_often_as_stated():
    """Of 60 tests of equal laws, as many with p < 0.05 as the binomial law allows with probability 1 - 2e-5."""
    generator = np.random.default_rng(1)
    p_values = {"classifier": [], "frechet": [], "kernel": []}
    for trial in range(60):
        for name, test in distances(rows(generator, 60), rows(generator, 90), trial):
            p_values[name].append(test.p)
    for p in p_values.values():
        low, high = stats.binom(60, 0.05).ppf([1e-5, 1 - 1e-5])
        assert low <= np.sum(np.array(p) < 0.05) <= high
        assert stats.kstest(p, "uniform").pvalue > 1e-4


def test_rows_of_one_draw_may_depend_on_each_other():
    """Eight copies of each row are no more evidence than one; their null is as wide as that of one row."""
    generator = np.random.default_rng(2)
    one, other = rows(generator, 60), rows(generator, 60)
    single = dict(distances(one, other, 1))
    copied = dict(distances(np.repeat(one, 8, axis=1), np.repeat(other, 8, axis=1), 1))
    for name in ("classifier", "frechet"):
        assert copied[name].error == pytest.approx(single[name].error, rel=0.15)
        assert copied[name].p == pytest.approx(single[name].p, abs=0.15)


def test_closed_forms_of_a_shift():
    """Area Phi(delta / sqrt 2) and Frechet distance delta^2 for unit normals delta apart; both at N = 1500."""
    generator = np.random.default_rng(3)
    one, other = (generator.normal(size=(1500, 1, 1)) + shift for shift in (1.0, 0.0))
    results = dict(distances(one, other, 1))
    assert results["classifier"].statistic == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.03)
    assert results["frechet"].statistic == pytest.approx(1.0, abs=0.2)
    assert all(test.p < 1e-12 for test in results.values())


def test_the_kernel_distance_by_brute_force():
    generator = np.random.default_rng(4)
    one, other = (generator.normal(size=(40, 1, 2)) for _ in range(2))
    statistic = dict(distances(one, other, 1))["kernel"].statistic
    unit = (np.concatenate([one, other])[:, 0] - other[:, 0].mean(axis=0)) / other[:, 0].std(axis=0)
    kernel = np.array([[(1 + x @ y / 2) ** 4 for y in unit] for x in unit])
    off = ~np.eye(40, dtype=bool)
    direct = kernel[:40, :40][off].mean() + kernel[40:, 40:][off].mean() - 2 * kernel[:40, 40:].mean()
    assert statistic == pytest.approx(direct, rel=1e-10)


def test_a_missing_correlation_is_detected_where_all_marginals_agree():
    generator = np.random.default_rng(5)
    results = dict(distances(rows(generator, 400), rows(generator, 400, correlation=-0.85), 1))
    assert results["classifier"].statistic > 0.6
    assert all(test.p < 1e-6 for test in results.values())


def test_the_same_seed_gives_the_same_numbers():
    generator = np.random.default_rng(6)
    one, other = rows(generator, 50), rows(generator, 50)
    assert list(distances(one, other, 3)) == list(distances(one, other, 3))


def test_a_feature_that_the_reference_never_changes_keeps_its_unit():
    generator = np.random.default_rng(7)
    one, other = rows(generator, 80), rows(generator, 80)
    one[..., 2], other[..., 2] = 2.0, 0.0
    results = dict(distances(one, other, 1))
    assert results["frechet"].statistic == pytest.approx(4.0, abs=0.5)
