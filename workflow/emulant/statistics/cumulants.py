"""Moments and cumulants of the one-site distribution."""

from math import comb

import numba
import numpy as np

__all__ = ["ORDER", "cumulant_ratios", "cumulants", "even_moments", "site_moments", "symmetric_cumulants"]

# Cumulants up to kappa_8 are those published for phi^4 (arXiv:2410.21212); kernels below are unrolled for 8.
ORDER = 8


@numba.njit(fastmath={"reassoc", "contract", "nsz"}, nogil=True, cache=True)
def _site_moments(fields: np.ndarray, moments: np.ndarray) -> None:
    """Compute the first eight moments over the sites of each configuration."""
    configurations, sites = fields.shape
    for i in range(configurations):
        m1 = m2 = m3 = m4 = m5 = m6 = m7 = m8 = 0.0
        for j in range(sites):
            x = np.float64(fields[i, j])
            x2 = x * x
            x4 = x2 * x2
            x6 = x4 * x2
            m1 += x
            m2 += x2
            m3 += x2 * x
            m4 += x4
            m5 += x4 * x
            m6 += x6
            m7 += x6 * x
            m8 += x4 * x4
        for n, total in enumerate((m1, m2, m3, m4, m5, m6, m7, m8)):
            moments[i, n] = total / sites


@numba.njit(fastmath={"reassoc", "contract", "nsz"}, nogil=True, cache=True)
def _even_moments(fields: np.ndarray, moments: np.ndarray) -> None:
    """Compute the mean and the even moments over the sites of each configuration."""
    configurations, sites = fields.shape
    for i in range(configurations):
        m1 = m2 = m4 = m6 = m8 = 0.0
        for j in range(sites):
            x = np.float64(fields[i, j])
            x2 = x * x
            x4 = x2 * x2
            m1 += x
            m2 += x2
            m4 += x4
            m6 += x4 * x2
            m8 += x4 * x4
        for n, total in enumerate((m1, m2, m4, m6, m8)):
            moments[i, n] = total / sites


def even_moments(fields: np.ndarray) -> np.ndarray:
    """Compute the mean and the even moments over the sites of each configuration in one pass.

    Arguments:
        fields: shape (N, *lattice), float32 or float64.

    Returns:
        shape (N, 5): means over sites of phi, phi^2, phi^4, phi^6, phi^8, accumulated in float64.
    """
    flat = np.ascontiguousarray(fields).reshape(len(fields), -1)
    moments = np.empty((len(flat), 1 + ORDER // 2))
    _even_moments(flat, moments)
    return moments


def site_moments(fields: np.ndarray) -> np.ndarray:
    """Compute the first eight moments over the sites of each configuration in one pass.

    Arguments:
        fields: shape (N, *lattice), float32 or float64.

    Returns:
        shape (N, 8): column n - 1 is the mean over sites of phi^n.
    """
    flat = np.ascontiguousarray(fields).reshape(len(fields), -1)
    moments = np.empty((len(flat), ORDER))
    _site_moments(flat, moments)
    return moments


def cumulants(moments: np.ndarray, *, centred: bool = False) -> np.ndarray:
    """Compute cumulants kappa_1..kappa_8 from raw moments mu_1..mu_8, along the last axis.

        kappa_n = mu_n - sum_{i=1}^{n-1} C(n-1, i-1) kappa_i mu_{n-i}

    Arguments:
        moments: shape (..., 8).
        centred: False takes the distribution as symmetric under phi -> -phi: odd moments are set to zero
            and kappa_2 = mu_2, as published for phi^4 (arXiv:2410.21212). True keeps them: kappa_2 is then
            the variance.
    """
    mu = np.array(moments, dtype=np.result_type(np.asarray(moments).dtype, float))
    if not centred:
        mu[..., ::2] = 0.0
    kappa = np.empty_like(mu)
    for n in range(1, mu.shape[-1] + 1):
        lower = sum(comb(n - 1, i - 1) * kappa[..., i - 1] * mu[..., n - i - 1] for i in range(1, n))
        kappa[..., n - 1] = mu[..., n - 1] - lower
    return kappa


def symmetric_cumulants(even: np.ndarray) -> np.ndarray:
    """Compute kappa_2, kappa_4, kappa_6, kappa_8 of a symmetric law from mu_2, mu_4, mu_6, mu_8; shapes (..., 4)."""
    even = np.asarray(even)
    mu = np.zeros((*even.shape[:-1], 2 * even.shape[-1]), even.dtype)
    mu[..., 1::2] = even
    return cumulants(mu)[..., 1::2]


def cumulant_ratios(kappa: np.ndarray) -> np.ndarray:
    """Compute the scale-free ratios kappa_n / kappa_2^(n/2), n = 1..8, along the last axis."""
    powers = np.arange(1, kappa.shape[-1] + 1) / 2
    return kappa / kappa[..., 1:2] ** powers
