"""The density of the position, the square of the ground state's wave function where the path is long."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.quantum.views import Paths

BINS = 20
"""As narrow as the ripples of the lowest wave functions; between them lie 99 % of the positions."""


def primaries(paths: Paths) -> np.ndarray:
    """Part of the path in each bin over its width, (n, bins)."""
    edges = paths.system.bin_edges(BINS)
    bin_of = np.searchsorted(edges, paths.values) - 1
    inside = (bin_of >= 0) & (bin_of < BINS)
    rows = np.broadcast_to(np.arange(len(bin_of))[:, None], bin_of.shape)
    counts = np.bincount(rows[inside] * BINS + bin_of[inside], minlength=len(bin_of) * BINS)
    return counts.reshape(-1, BINS) / (bin_of.shape[1] * (edges[1] - edges[0]))


observable = Observable(
    name="density",
    symbol=r"\rho(x)",
    description="density of the position in bins, that of |psi_0|^2 where length times gap is large; index of the bin",
    primaries=primaries,
    value=lambda means, shape: means,
    indices=lambda shape: tuple(range(BINS)),
    unit="natural units",
    correlated=True,
)
