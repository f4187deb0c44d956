"""Numbers of particles event by event: moments of each species, and correlations between species.

Everything here and in `conserved`, `spectra` and `flow` comes in pairs: primaries, one row an event, and a function of
their means. Means add up over pieces of an ensemble, and `statistics.bootstrap` finds the error of any such pair.
Variances and higher cumulants are those of the sample, without correction for the number of events.
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


def species_counts(events: Events, window: Window = EVERYTHING) -> np.ndarray:
    """Particles of each of the 26 species in each event, (N, 26)."""
    seen = window(events)
    known = seen.species >= 0
    kinds = len(SPECIES)
    flat = seen.owner[known] * kinds + seen.species[known]
    return np.bincount(flat, minlength=len(seen) * kinds).reshape(len(seen), kinds).astype(float)


def powers(numbers: np.ndarray, centre: float = 0.0) -> np.ndarray:
    """Primaries of `cumulants_of`: x - centre and its powers up to the fourth, (N, 4 columns) for numbers (N, columns).

    A centre near the mean keeps digits where numbers are large and their fluctuations small.
    """
    shifted = np.asarray(numbers, float).reshape(len(numbers), -1) - centre
    return np.stack([shifted**k for k in range(1, ORDER + 1)], axis=-1).reshape(len(numbers), -1)


def cumulants_of(means: np.ndarray, centre: float = 0.0) -> np.ndarray:
    """C_1 ... C_4 of each number from the means of `powers`, (..., columns, 4)."""
    found = cumulants(means.reshape(*means.shape[:-1], -1, ORDER), centred=True)
    found[..., 0] += centre
    return found


def shape_of(found: np.ndarray) -> np.ndarray:
    """Mean, variance, skewness C_3 / C_2^1.5 and excess kurtosis C_4 / C_2^2 of cumulants (..., 4); NaN without spread."""
    mean, variance, third, fourth = np.moveaxis(found, -1, 0)
    spread = np.where(variance > 0, variance, np.nan)
    return np.stack([mean, variance, third / spread**1.5, fourth / spread**2], axis=-1)


def products(counts: np.ndarray) -> np.ndarray:
    """Primaries of `covariances`: n_i, then n_i n_j for i <= j, (N, k + k (k + 1) / 2)."""
    first, second = np.triu_indices(counts.shape[1])
    return np.concatenate([counts, counts[:, first] * counts[:, second]], axis=1)


def covariances(means: np.ndarray) -> np.ndarray:
    """Covariance matrix from the means of `products`, (..., k, k)."""
    kinds = int((np.sqrt(9 + 8 * means.shape[-1]) - 3) / 2 + 0.5)
    first, second = np.triu_indices(kinds)
    mean, both = means[..., :kinds], means[..., kinds:]
    found = np.empty((*means.shape[:-1], kinds, kinds))
    found[..., first, second] = both - mean[..., first] * mean[..., second]
    found[..., second, first] = found[..., first, second]
    return found


def correlations(covariance: np.ndarray) -> np.ndarray:
    """Correlation matrix of a covariance matrix (..., k, k); NaN for a number that does not fluctuate."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    spread = np.sqrt(np.where(variance > 0, variance, np.nan))
    return covariance / (spread[..., :, None] * spread[..., None, :])
