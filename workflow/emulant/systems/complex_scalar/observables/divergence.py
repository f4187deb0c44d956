"""How often the conservation of flux is broken."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.worldlines.views import DualView

LARGEST = 3
"""Larger ones count as this one."""


def primaries(view: DualView) -> np.ndarray:
    """Part of the sites with |div k| = 0, 1, 2 and more, (n, 4)."""
    broken = np.minimum(view.broken, LARGEST)
    return np.stack([(broken == value).mean(1) for value in range(LARGEST + 1)], 1)


observable = Observable(
    name="divergence",
    symbol=r"P_k(\mathrm{div})",
    description="part of the sites with |div k| = index, the last one with all larger ones; all at 0 if k is conserved",
    primaries=primaries,
    value=lambda means, shape: means,
    indices=lambda shape: tuple(range(LARGEST + 1)),
    unit="1",
    correlated=True,
)
