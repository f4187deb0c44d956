"""R_Psi2 of Gaussian charge differences, whose curvature is known, and of shuffled charges."""

import numpy as np

from emulant.kinetic.charge_differences import EDGES, charge_differences, correlator


def test_the_curvature_is_that_of_the_variances():
    """Sines 1.2 times as wide as shuffled: 1 - 1 / 1.44, within five errors of 40000 events; R is a Gaussian."""
    count, wide = 40_000, 1.2
    differences = np.random.default_rng(1).standard_normal((count, 4)) * [0.1 * wide, 0.2, 0.1, 0.2]
    ratio, curvature = correlator(differences)
    exact = 1 - 1 / wide**2
    # Each inverse variance has the relative error sqrt(2 / n).
    assert abs(curvature - exact) < 5 * 2 * np.sqrt(2 / count)
    middle = 0.5 * (EDGES[1:] + EDGES[:-1])
    shape = np.exp(0.5 * exact * middle**2)
    np.testing.assert_allclose(ratio / ratio[4], shape / shape[4], rtol=0.25)
    assert ratio[0] > ratio[4] < ratio[-1]


def test_differences_are_of_means_and_shuffling_forgets_charges():
    phi = np.array([0.5, 0.5, -0.5, -0.5]) * np.pi
    positive = np.array([True, True, False, False])
    rows = [charge_differences(phi, positive, np.random.default_rng(k)) for k in range(400)]
    np.testing.assert_allclose(np.array(rows)[:, :2], [[2, 0]] * 400, atol=1e-12)
    assert abs(np.mean(rows, axis=0)[2]) < 4 * np.std(rows, axis=0)[2] / 20
