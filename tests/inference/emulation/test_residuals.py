"""Covariances of few residuals: honest together, and those of observables that do not vary."""

import numpy as np
import pytest

from emulant.inference.emulation.residuals import shrunk_covariance


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
        precision = np.linalg.inv(shrunk_covariance(measured))
        chi_squared.append(np.einsum("ni,ij,nj->n", fresh, precision, fresh).mean() / 27)
    assert abs(np.mean(chi_squared) - 1) < 0.2


def test_variances_stay_and_what_does_not_vary_has_none():
    residuals = np.random.default_rng(6).standard_normal((40, 3)) * [1.0, 0.0, 5.0]
    covariance = shrunk_covariance(residuals)
    np.testing.assert_allclose(np.diag(covariance), np.square(residuals).mean(0), rtol=1e-12)
