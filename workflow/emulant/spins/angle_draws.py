"""Independent draws of von Mises' law."""

import numpy as np
from numba import njit

from emulant.spins.angle_moves import von_mises

__all__ = ["drawn_angles"]


def drawn_angles(concentration: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Draw an angle from e^(k cos theta) for each k >= 0, the shape of `concentration`, (...).

    Arguments:
        concentration: k.
        state: of one generator of `randomness.xorshift.streams`, (1,), which goes on.

    Raises:
        FloatingPointError: where a k is not finite, which no draw would ever be accepted for.
    """
    flat = np.ascontiguousarray(concentration, np.float64).ravel()
    if not np.isfinite(flat).all():
        raise FloatingPointError(
            "the concentration of an angle is not finite: the training of its model diverged"
        )
    angles = np.empty_like(flat)
    _draw(flat, state, angles)
    return angles.reshape(concentration.shape)


@njit(cache=True)
def _draw(concentration, state, angles):
    for n in range(len(concentration)):
        angles[n] = von_mises(concentration[n], state)
