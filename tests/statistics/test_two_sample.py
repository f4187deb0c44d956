"""Two-sample tests keep their false-alarm rate and see what they should see."""

import numpy as np
import pytest

from emulant.statistics.two_sample import (
    RandomFeatures,
    classifier_test,
    memorisation_test,
    nearest_distances,
    sign_balance_test,
)


def free_field(rng, kappa, count, length=16):
    cosine = np.cos(2 * np.pi * np.fft.fftfreq(length))
    power = 1 / (2 - 4 * kappa * (cosine[:, None] + cosine))
    noise = np.fft.fft2(rng.normal(size=(count, length, length)))
    return np.fft.ifft2(noise * np.sqrt(power)).real.astype(np.float32)


def classified(sample, reference, seed):
    features = RandomFeatures(reference, seed)
    return classifier_test(features(sample), features(reference), seed)


def test_classifier_has_no_false_alarm_in_20_right_samples():
    """20 pulls of right samples: none beyond 4, mean within 4 / sqrt(20)."""
    pulls = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        test = classified(free_field(rng, 0.2, 512, 8), free_field(rng, 0.2, 2048, 8), seed)
        pulls.append((test.statistic - test.null) / test.error)
    assert np.max(pulls) < 4 and abs(np.mean(pulls)) < 4 / np.sqrt(20)


def test_classifier_rejects_two_percent_of_kappa():
    rng = np.random.default_rng(1)
    test = classified(free_field(rng, 0.204, 4096), free_field(rng, 0.2, 16384), 1)
    assert test.p < 1e-4 and 0.5 < test.statistic < 0.6


def test_classifier_rejects_a_missing_peak_in_zero_dimensions():
    rng = np.random.default_rng(2)
    reference = rng.choice([-1.0, 1.0], size=(8000, 1)) + 0.25 * rng.normal(size=(8000, 1))
    assert classified(reference[:2000] * 1.05, reference[2000:], 2).p < 1e-4
    assert classified(reference[:2000], reference[2000:], 2).p > 1e-4


def test_same_seed_same_answer():
    rng = np.random.default_rng(3)
    a, b = free_field(rng, 0.2, 200, 4), free_field(rng, 0.2, 400, 4)
    assert classified(a, b, 5) == classified(a, b, 5)


def test_three_dimensions():
    rng = np.random.default_rng(4)
    assert 0 <= classified(rng.normal(size=(100, 4, 4, 6)), rng.normal(size=(100, 4, 4, 6)), 6).p <= 1


def test_copies_of_training_configurations_are_detected():
    """A tenth of the generated are training configurations with a little noise."""
    rng = np.random.default_rng(5)
    training, held_out = free_field(rng, 0.2, 2000, 8), free_field(rng, 0.2, 500, 8)
    honest = free_field(rng, 0.2, 500, 8)
    copied = honest.copy()
    copied[:50] = training[:50] + 0.1 * rng.normal(size=copied[:50].shape)
    distances = [nearest_distances(points, training) for points in (copied, honest, held_out)]
    assert memorisation_test(distances[0], distances[2]).p < 1e-6
    assert memorisation_test(distances[1], distances[2]).p > 1e-3


def test_copies_are_detected_in_zero_dimensions():
    """Exact copies among 5000 training points that lie closer than float32 can tell apart by their squares."""
    rng = np.random.default_rng(8)
    training, held_out = rng.normal(size=(5000, 1)), rng.normal(size=(500, 1))
    copied = training[:500]
    assert np.max(nearest_distances(copied, training)) == 0
    assert (
        memorisation_test(nearest_distances(copied, training), nearest_distances(held_out, training)).p < 1e-6
    )


def test_memorisation_is_calibrated():
    """100 samples of the right law: p < 0.1 in at most 10 + 4 * 3 of them."""
    rng = np.random.default_rng(6)
    training = rng.normal(size=(300, 10))
    p = [
        memorisation_test(*(nearest_distances(x, training) for x in rng.normal(size=(2, 100, 10)))).p
        for _ in range(100)
    ]
    assert np.sum(np.array(p) < 0.1) <= 22


@pytest.mark.parametrize("sites", [4, 256])
def test_nearest_distances_are_those_of_all_pairs(sites):
    """In the ordered phase, mean 20 times the fluctuation, where squares cancel."""
    rng = np.random.default_rng(9)
    training, points = (20 + rng.normal(size=(n, sites)).astype(np.float32) for n in (400, 100))
    pairs = points[:, None].astype(float) - training
    np.testing.assert_allclose(nearest_distances(points, training), (pairs**2).sum(2).min(1), rtol=1e-3)


def test_features_are_what_they_say():
    """Against the same convolutions in plain NumPy, for a count that no group of lanes divides."""
    rng = np.random.default_rng(10)
    fields = rng.normal(size=(37, 4, 6)).astype(np.float32)
    features = RandomFeatures(fields, 1)
    c = np.einsum("ft,nfts->nfs", features.weights, fields.reshape(37, -1)[:, features.neighbours])
    expected = [np.abs(c), c**2, np.maximum(c - features.biases[:, None], 0)]
    np.testing.assert_allclose(features(fields), np.stack(expected, 2).mean(3).reshape(37, -1), rtol=1e-4)


@pytest.mark.parametrize(("share", "low", "high"), [(0.5, 1e-3, 1), (0.6, 0, 1e-6)])
def test_sign_sectors(share, low, high):
    signs = np.where(np.random.default_rng(7).uniform(size=2000) < share, 1.0, -1.0)
    assert low < sign_balance_test(signs).p + 1e-300 <= high


def test_sign_balance_accounts_for_autocorrelation():
    signs = np.repeat([1.0, -1.0], [600, 400])
    assert sign_balance_test(signs).p < 1e-6 < 1e-2 < sign_balance_test(signs, tau_int=50.0).p


def test_equal_distances_are_no_copies():
    """Whole numbers of one law lie on the training set alike: p above 1e-3 for five seeds, false alarm 0.5 %."""
    for seed in range(5):
        distances = np.random.default_rng(seed).binomial(3, 0.3, (2, 2000)).astype(float)
        assert memorisation_test(*distances).p > 1e-3
    assert memorisation_test(np.zeros(2000), distances[1]).p < 1e-6
