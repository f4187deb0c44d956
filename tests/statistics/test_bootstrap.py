import numpy as np
import pytest

from emulant.statistics import bootstrap as module
from emulant.statistics.bootstrap import bootstrap, resampled_means


@pytest.fixture
def normal():
    return np.random.default_rng(3).normal(size=(2000, 2)) * [1.0, 5.0] + [0.0, 2.0]


def test_the_error_of_a_mean(normal):
    mean = bootstrap(normal, seed=1, resamples=2000)
    np.testing.assert_array_equal(mean.value, normal.mean(axis=0))
    np.testing.assert_allclose(mean.error, normal.std(axis=0) / np.sqrt(2000), rtol=0.06)


def test_the_error_of_a_variance(normal):
    """sigma^2 sqrt(2 / N) for a normal distribution."""
    powers = np.column_stack([normal[:, 1], normal[:, 1] ** 2])
    variance = bootstrap(powers, lambda means: means[..., 1] - means[..., 0] ** 2, seed=1, resamples=1000)
    assert variance.value == pytest.approx(normal[:, 1].var())
    assert variance.error == pytest.approx(25 * np.sqrt(2 / 2000), rel=0.15)


def test_measurements_of_the_same_events_are_correlated(normal):
    one, two = (bootstrap(normal[:, :1] * factor, seed=1) for factor in (1.0, -3.0))
    np.testing.assert_allclose(two.samples, -3 * one.samples)


def test_draws_in_pieces(normal, monkeypatch):
    """The draws do not depend on how many are made at once."""
    whole = resampled_means(normal, seed=4, resamples=7)
    monkeypatch.setattr(module, "MEMORY", 4500)
    np.testing.assert_allclose(resampled_means(normal, seed=4, resamples=7), whole, rtol=1e-12)


def test_a_constant_has_no_error():
    assert bootstrap(np.full((50, 1), 394.0), seed=1).error[0] == pytest.approx(0, abs=1e-10)
