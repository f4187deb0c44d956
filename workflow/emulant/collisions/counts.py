"""Multiplicities event by event: moments of each species, and correlations between species.

An observable here and in `conserved`, `spectra` and `flow` is a pair of functions: primaries, one row per event, and a
value computed from their means. Means add up over pieces of an ensemble, and `statistics.bootstrap` computes the error
of any such pair. Variances and higher cumulants are those of the sample, without correction for the number of events.
"""

import numpy as np

from emulant.collisions.events import Events
from emulant.collisions.species import SPECIES
from emulant.collisions.windows import EVERYTHING, Window
from emulant.statistics.cumulants import cumulants

__all__ = [
    "ORDER",
    "correlations",
    "covariances",
    "cumulants_of",
    "powers",
    "products",
    "shape_of",
    "species_counts",
]

ORDER = 4
"""Highest cumulant, C_4 (kurtosis)."""


def species_counts(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Count the particles of each of the 26 species in each event, (N, 26)."""
    accepted = window(events)
    of_26 = accepted.species >= 0
    kinds = len(SPECIES)
    flat = accepted.owner[of_26] * kinds + accepted.species[of_26]
    return np.bincount(flat, minlength=len(accepted) * kinds).reshape(len(accepted), kinds).astype(float)


def powers(numbers: np.ndarray, centre: float = 0.0) -> np.ndarray:
    """Return the primaries of `cumulants_of`: (x - centre)^k, k = 1 ... 4, (N, 4 columns) for numbers (N, columns).

    A centre near the mean avoids cancellation where numbers are large and their fluctuations small.
    """
    shifted = np.asarray(numbers, float).reshape(len(numbers), -1) - centre
    return np.stack([shifted**k for k in range(1, ORDER + 1)], axis=-1).reshape(len(numbers), -1)


def cumulants_of(means: np.ndarray, centre: float = 0.0) -> np.ndarray:
    """Compute C_1 ... C_4 of each number from the means of `powers`, (..., columns, 4)."""
    orders = cumulants(means.reshape(*means.shape[:-1], -1, ORDER), centred=True)
    orders[..., 0] += centre
    return orders


def shape_of(orders: np.ndarray) -> np.ndarray:
    """Compute mean, variance, skewness C_3 / C_2^1.5, excess kurtosis C_4 / C_2^2 of cumulants (..., 4); NaN if C_2 = 0."""
    mean, variance, third, fourth = np.moveaxis(orders, -1, 0)
    spread = np.where(variance > 0, variance, np.nan)
    return np.stack([mean, variance, third / spread**1.5, fourth / spread**2], axis=-1)


def products(counts: np.ndarray) -> np.ndarray:
    """Return the primaries of `covariances`: n_i, then n_i n_j for i <= j, (N, k + k (k + 1) / 2)."""
    first, second = np.triu_indices(counts.shape[1])
    return np.concatenate([counts, counts[:, first] * counts[:, second]], axis=1)


def covariances(means: np.ndarray) -> np.ndarray:
    """Compute the covariance matrix from the means of `products`, (..., k, k)."""
    # Solve k + k (k + 1) / 2 = number of columns for k.
    kinds = int((np.sqrt(9 + 8 * means.shape[-1]) - 3) / 2 + 0.5)
    first, second = np.triu_indices(kinds)
    mean, product = means[..., :kinds], means[..., kinds:]
    covariance = np.empty((*means.shape[:-1], kinds, kinds))
    covariance[..., first, second] = product - mean[..., first] * mean[..., second]
    covariance[..., second, first] = covariance[..., first, second]
    return covariance


def correlations(covariance: np.ndarray) -> np.ndarray:
    """Compute the correlation matrix of a covariance matrix (..., k, k); NaN for a number that does not fluctuate."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    spread = np.sqrt(np.where(variance > 0, variance, np.nan))
    return covariance / (spread[..., :, None] * spread[..., None, :])
