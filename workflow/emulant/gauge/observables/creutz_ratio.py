"""Creutz ratios."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.gauge.loops import creutz_ratio, extents_of


def sides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """List R of the ratios, up to 3: at common couplings the noise of larger loops exceeds them."""
    return tuple(short for short, long in extents_of(shape) if short == long and short <= 3)


def ratios(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Compute the ratios of means of Wilson loops (..., loops)."""
    extents = extents_of(shape)

    def loop(short: int, long: int) -> np.ndarray:
        return means[..., extents.index((short, long))] if short else np.ones(means.shape[:-1])

    return np.stack([creutz_ratio(loop, side) for side in sides(shape)], -1)


observable = Observable(
    name="creutz_ratio",
    symbol=r"\chi_{k}",
    description="-ln [W(R, R) W(R-1, R-1) / W(R, R-1)^2], a string tension; index k, the side R",
    primaries=lambda view: np.stack([view.wilson_loop(*s) for s in extents_of(view.links.shape[1:])], 1),
    value=ratios,
    indices=sides,
    correlated=True,
)
