"""What weights depend on is named: an odd term, a wave, a sum, or nothing of these."""

import numpy as np
import pytest

from emulant.scalar.weight_features import explained_by, weight_features


@pytest.fixture
def fields():
    return np.random.default_rng(1).normal(size=(4000, 4, 6))


@pytest.mark.parametrize("name", ["m", "m2", "m4", "lowest_wave_0", "lowest_wave_1", "sum_phi2", "sum_phi4"])
def test_a_feature_explains_itself(fields, name):
    features = weight_features(fields)
    explained = explained_by(0.3 * features[name] + 5, features)
    assert explained[name] == pytest.approx(1) and explained["all"] == pytest.approx(1)


def test_noise_is_explained_by_nothing(fields):
    """Each feature explains about 1/N of what it does not cause."""
    explained = explained_by(np.random.default_rng(2).normal(size=4000), weight_features(fields))
    assert max(explained.values()) < 0.01


def test_equal_weights(fields):
    assert set(explained_by(np.zeros(4000), weight_features(fields)).values()) == {0.0}


def test_the_lowest_wave_is_that_of_the_field():
    x = np.arange(6)
    wave = np.broadcast_to(np.cos(2 * np.pi * x / 6), (1, 4, 6))
    features = weight_features(wave)
    assert (
        features["lowest_wave_1"][0] == pytest.approx((4 * 3) ** 2)
        and abs(features["lowest_wave_0"][0]) < 1e-20
    )
