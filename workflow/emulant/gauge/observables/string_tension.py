"""The string tension."""

import numpy as np

from emulant.contracts.observable import Observable


def tension(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Compute ln W(1 x 1) - ln W(1 x 2) of means (..., 2)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(means[..., :1] / means[..., 1:])


observable = Observable(
    name="string_tension",
    symbol=r"\sigma",
    description="decrease of -ln W from one to two plaquettes; in two dimensions the area law is exact in a large volume",
    primaries=lambda view: np.stack([view.wilson_loop(1, 1), view.wilson_loop(1, 2)], 1),
    value=tension,
)
