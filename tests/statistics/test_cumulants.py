"""Cumulants against closed forms."""

from math import fsum

import numpy as np
import pytest

from emulant.statistics.cumulants import (
    cumulant_ratios,
    cumulants,
    even_moments,
    site_moments,
    symmetric_cumulants,
)

GAUSSIAN = np.array([0, 1, 0, 3, 0, 15, 0, 105], dtype=float)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7, 5), (6, 1), (3, 2, 4, 3)])
def test_kernel_is_the_mean_of_powers(dtype, shape):
    fields = np.random.default_rng(1).normal(size=shape).astype(dtype)
    flat = fields.reshape(len(fields), -1).astype(float)
    expected = np.stack([(flat**n).mean(axis=1) for n in range(1, 9)], axis=1)
    np.testing.assert_allclose(site_moments(fields), expected, rtol=1e-13, atol=1e-13)


def test_kernel_agrees_with_exactly_rounded_sums():
    """Even moments of 32 x 32 normal fields against `math.fsum`, relative 1e-13; odd ones against |phi|^n."""
    fields = np.random.default_rng(2).normal(size=(8, 32, 32)).astype(np.float32)
    for field, moments in zip(
        fields.reshape(8, -1).astype(float).tolist(), site_moments(fields), strict=True
    ):
        for n, moment in enumerate(moments, start=1):
            exact = fsum(x**n for x in field) / 1024
            size = fsum(abs(x) ** n for x in field) / 1024
            assert abs(moment - exact) < 1e-13 * size


def test_even_moments_are_those_of_all_moments():
    fields = np.random.default_rng(3).normal(size=(5, 33, 7)).astype(np.float32)
    every, even = site_moments(fields), even_moments(fields)
    np.testing.assert_allclose(even, every[:, [0, 1, 3, 5, 7]], rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(symmetric_cumulants(even[:, 1:]), cumulants(every)[:, 1::2], rtol=1e-9)
    assert np.isnan(even_moments(np.array([[1.0, np.nan]]))).all()


def test_kernel_accumulates_in_double_precision():
    """One part in 10^7 of a float32 sum of 2^20 terms would be lost."""
    fields = np.full((1, 2**20), 1.1, dtype=np.float32)
    assert site_moments(fields)[0, 7] == pytest.approx(float(np.float32(1.1)) ** 8, rel=1e-10)


def test_kernel_passes_nan_on():
    assert np.isnan(site_moments(np.array([[1.0, np.nan]]))).all()


def test_gaussian_has_two_cumulants():
    np.testing.assert_allclose(cumulants(GAUSSIAN), [0, 1, 0, 0, 0, 0, 0, 0], atol=1e-12)


def test_two_peaks():
    """1/2 [N(1, 1/16) + N(-1, 1/16)]: kappa_2, 4, 6, 8 = 1.0625, -2, 16, -272 (arXiv:2410.21212)."""
    moments = np.array([0, 1.0625, 0, 1.38671875, 0, 2.116943359375, 0, 3.6744537353515625])
    np.testing.assert_allclose(cumulants(moments)[1::2], [1.0625, -2, 16, -272], rtol=1e-12)
    np.testing.assert_allclose(cumulants(moments, centred=True)[1::2], [1.0625, -2, 16, -272], rtol=1e-12)


def test_poisson_is_centred():
    """All cumulants of a Poisson variable equal its mean; symmetrised ones do not."""
    mean = 0.7
    weight = np.exp(-mean) * np.cumprod(np.concatenate([[1], mean / np.arange(1, 60)]))
    moments = np.array([(weight * np.arange(60.0) ** n).sum() for n in range(1, 9)])
    np.testing.assert_allclose(cumulants(moments, centred=True), mean, rtol=1e-9)
    assert cumulants(moments)[1] == pytest.approx(mean + mean**2)


def test_ratios_are_independent_of_the_scale():
    rng = np.random.default_rng(2)
    moments = site_moments(rng.normal(size=(1, 100)) ** 3)
    scaled = moments * 2.5 ** np.arange(1, 9)
    np.testing.assert_allclose(
        cumulant_ratios(cumulants(scaled)), cumulant_ratios(cumulants(moments)), rtol=1e-10
    )
