"""Second-moment correlation length."""

from functools import cache

import numpy as np

from emulant.contracts.observable import Observable
from emulant.scalar.fields import Fields, half_spectrum


def primaries(fields: Fields) -> np.ndarray:
    """Return M, M^2 and the power at the smallest momentum averaged over the longest axes, (N, 3)."""
    smallest = fields.power @ _smallest_modes(fields.shape)
    return np.column_stack([fields.magnetisation, fields.magnetisation**2, smallest])


def value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Compute sqrt(G~(0) / G~(k_min) - 1) / (2 sin(k_min / 2)), (..., 1); NaN if the ratio is below 1."""
    zero = np.prod(shape) * (means[..., 1:2] - means[..., :1] ** 2)
    excess = zero / means[..., 2:] - 1
    return np.sqrt(np.where(excess >= 0, excess, np.nan)) / (2 * np.sin(np.pi / max(shape)))


@cache
def _smallest_modes(shape: tuple[int, ...]) -> np.ndarray:
    """Return weights (modes,) that average over the modes of one wavelength along a longest axis."""
    wave_vectors, multiplicity = half_spectrum(shape)
    length = np.abs(wave_vectors) @ np.where(np.array(shape) == max(shape), 1, 2)
    weights = np.where(length == 1, multiplicity, 0)
    return weights / weights.sum()


observable = Observable(
    name="correlation_length",
    symbol=r"\xi",
    description="second-moment correlation length from G~(0) = chi_2 and the smallest momentum; not a number where G~(0) is"
    " the smaller one, as for kappa < 0: no mass has such a propagator",
    primaries=primaries,
    value=value,
    unit="lattice spacings",
    integrated=True,
)
