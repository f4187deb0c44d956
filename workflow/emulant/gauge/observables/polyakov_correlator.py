"""Correlator of Polyakov loops."""

import numpy as np

from emulant.contracts.observable import Observable


def distances(shape: tuple[int, ...]) -> tuple[int, ...]:
    """List the distances between two lines: from 1, as at 0 nothing fluctuates, to half of the lattice."""
    return tuple(range(1, shape[-1] // 2 + 1))


def correlations(view: object) -> np.ndarray:
    """Compute the mean over lines of the cosine of the difference of two, (n, distances)."""
    angles = view.polyakov
    shifted = [np.roll(angles, -distance, 1) for distance in distances(view.links.shape)]
    return np.stack([np.cos(angles - moved).mean(1) for moved in shifted], 1)


observable = Observable(
    name="polyakov_correlator",
    symbol=r"\langle P(0) P^*(r)\rangle",
    description="correlator of Polyakov loops; index r, the distance",
    primaries=correlations,
    value=lambda means, shape: means,
    indices=distances,
    correlated=True,
)
