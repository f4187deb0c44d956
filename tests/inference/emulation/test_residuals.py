"""Covariances of few residuals: honest together, without what processes do not know, and of what does not vary."""

import numpy as np
import pytest

from emulant.inference.emulation.residuals import TRUSTED, Unseen, noise_covariance


def unseen(residuals, rows=None):
    """Residuals (n, m) of points at which processes know all, unless `rows` say otherwise."""
    count = len(residuals)
    rows = np.zeros((*residuals.shape, 1)) if rows is None else rows
    return Unseen(np.zeros_like(residuals), residuals, rows, np.zeros_like(residuals), np.arange(count) % 8)


@pytest.mark.parametrize("strength", [0.0, 0.5, 3.0])
def test_few_residuals_of_many_observables_are_honest_together(strength):
    """Chi^2 of fresh residuals of 27 observables under the covariance of 64: 1 a degree of freedom, 64/36 without shrinkage.

    Four sets scatter by 0.06 at the strongest correlation.
    """
    rng = np.random.default_rng(5)
    chi_squared = []
    for _ in range(4):
        factors = strength * rng.standard_normal((27, 4))
        root = np.linalg.cholesky(factors @ factors.T + np.eye(27))
        measured, fresh = (rng.standard_normal((count, 27)) @ root.T for count in (64, 2000))
        precision = np.linalg.inv(noise_covariance(unseen(measured))[0])
        chi_squared.append(np.einsum("ni,ij,nj->n", fresh, precision, fresh).mean() / 27)
    assert abs(np.mean(chi_squared) - 1) < 0.2


def test_variances_stay_and_what_does_not_vary_has_none():
    residuals = np.random.default_rng(6).standard_normal((40, 3)) * [1.0, 0.0, 5.0]
    covariance, _ = noise_covariance(unseen(residuals))
    np.testing.assert_allclose(np.diag(covariance), np.square(residuals).mean(0), rtol=1e-6, atol=1e-7)


def test_what_processes_do_not_know_is_no_noise():
    """Of 400 points, where processes know between a tenth and all of a deviation of two observables that differ by noise.

    A second moment less the mean of what is unknown errs by 0.03 in the variance of the precise one, which has no noise;
    points where processes know much say so. Half a process' deviation is its variance by a quarter, within five errors.
    """
    rng = np.random.default_rng(7)
    deviations = np.geomspace(0.1, 1.0, 400)
    rows = np.stack([deviations[:, None] * np.array([1.0, 2.0])], axis=2)
    for true in (1.0, 0.5):
        residuals = (true * rng.standard_normal((400, 1)) * rows[..., 0]) + [0.0, 0.3] * rng.standard_normal(
            (400, 2)
        )
        covariance, trust = noise_covariance(unseen(residuals, rows))
        assert covariance[0, 0] < 6e-3
        np.testing.assert_allclose(covariance[1, 1], 0.09, rtol=5 * (2 / 400) ** 0.5)
        expected = (400 * true**2 + TRUSTED) / (400 + TRUSTED)
        np.testing.assert_allclose(trust, expected, rtol=5 * (2 / 400) ** 0.5)
