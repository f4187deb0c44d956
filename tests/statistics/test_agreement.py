"""Independent numbers against an exact value: false alarms as stated, and faults that their own error would hide."""

import numpy as np
import pytest

from emulant.statistics.agreement import agreement


def rates(draw, level, repeats=1500):
    """How often each test of right numbers is below `level`."""
    p = np.array([list(agreement(draw()).p.values()) for _ in range(repeats)])
    return (p < level).mean(axis=0)


@pytest.mark.parametrize("count", [16, 256])
def test_a_right_gaussian_fails_as_often_as_stated(count):
    """1 % each, and the worst far more seldom, as its tail may be an exponential's; within 4 errors of 1500 trials."""
    generator = np.random.default_rng(1)
    assert (rates(lambda: generator.normal(size=count), 0.01) < 0.01 + 4 * np.sqrt(0.01 / 1500)).all()


def test_skewed_numbers_fail_no_more_than_twice_as_often():
    """Of skewness 1, where the median would be off by 2.7 errors; within 4 errors of 1500 trials."""
    generator = np.random.default_rng(2)
    result = rates(lambda: generator.gamma(4, size=256) - 4, 0.01)
    assert (result < 0.02 + 4 * np.sqrt(0.02 / 1500)).all()


@pytest.mark.parametrize("frozen", [1, 3, 8])
def test_numbers_that_are_off_do_not_hide_behind_their_own_error(frozen):
    """Eight of 256 that are off by 600 standard deviations are within 3 ordinary errors."""
    numbers = np.random.default_rng(3).normal(size=256)
    numbers[:frozen] += 600
    ordinary = numbers.std(ddof=1) / np.sqrt(len(numbers))
    assert numbers.mean() / ordinary < 3
    result = agreement(numbers)
    assert (
        result.failures(1e-6) == ["mean", "worst"]
        if frozen < 8
        else {"mean", "worst"} <= set(result.failures(1e-6))
    )
    assert result.worst < frozen and result.worst_pull > 500
    assert abs(result.centre) < 4 * result.centre_error


def test_opposite_outliers_are_the_worst_alone():
    numbers = np.random.default_rng(4).normal(size=128)
    numbers[:2] = (300, -300)
    assert agreement(numbers).failures(1e-6) == ["worst"]


def test_a_common_shift_is_in_mean_and_centre():
    numbers = np.random.default_rng(5).normal(size=256) + 3.5
    assert agreement(numbers, 3.0).failures(1e-6) == ["mean", "centre"]


def test_numbers_that_are_not_finite_disagree():
    numbers = np.random.default_rng(6).normal(size=64)
    for bad in (np.nan, np.inf):
        numbers[3] = bad
        assert "mean" in agreement(numbers).failures(1e-6) and agreement(numbers).worst == 3


def test_constant_numbers_agree_with_themselves_alone():
    assert agreement(np.ones(16), 1.0).failures(0.5) == []
    assert agreement(np.ones(16), 1.1).failures(1e-6) == ["mean", "centre"]


def test_correlated_numbers_have_larger_errors():
    numbers = np.random.default_rng(7).normal(size=64)
    assert agreement(numbers, stretch=3.0).error == pytest.approx(3 * agreement(numbers).error)


@pytest.mark.parametrize("runaway", [np.inf, np.nan])
def test_a_number_that_is_not_finite_disagrees(runaway):
    numbers = np.random.default_rng(3).normal(size=64)
    numbers[5] = runaway
    result = agreement(numbers)
    assert {"mean", "worst"} <= set(result.failures(1e-6)) and result.worst == 5
