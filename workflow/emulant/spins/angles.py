r"""The XY model on a square torus, arrays and tensors (N, L_y, L_x) of angles.

.. math:: S = -\beta \sum_x \sum_\mu \cos(\theta_{x+\mu} - \theta_x)
"""

from typing import Any

import numpy as np

from emulant.gauge.arrays import double, library_of, wrapped
from emulant.gauge.plaquettes import plaquette_sums

__all__ = ["differences", "energy", "gradient", "high_temperature", "schwinger_dyson", "vortex_charges"]


def differences(angles: Any) -> Any:
    """Return theta(x + mu) - theta(x), (N, 2, L_y, L_x): along y and along x."""
    library = library_of(angles)
    return library.stack([library.roll(angles, -1, axis) - angles for axis in (-2, -1)], 1)


def energy(angles: Any) -> Any:
    """Compute E = -sum over bonds of the cosine of the difference, (N,), in double precision."""
    return -library_of(angles).cos(differences(double(angles))).sum((-3, -2, -1))


def gradient(angles: Any, beta: float) -> Any:
    """Compute dS/dtheta, in the shape and precision of `angles`."""
    library = library_of(angles)
    sines = library.sin(differences(angles))
    behind = library.roll(sines[:, 0], 1, -2) + library.roll(sines[:, 1], 1, -1)
    return beta * (behind - sines[:, 0] - sines[:, 1])


def high_temperature(beta: float) -> float:
    """Evaluate ln Z' / V = 2 ln I_0 + 2 u^4 + 4 u^6 + ... with u = I_1 / I_0 of beta, of an infinite lattice."""
    from scipy.special import iv

    u = iv(1, beta) / iv(0, beta)
    return float(2 * np.log(iv(0, beta)) + 2 * u**4 + 4 * u**6)


def schwinger_dyson(angles: np.ndarray, beta: float) -> np.ndarray:
    """Compute the violation of <(dS/dtheta)^2> = <d^2S/dtheta^2>, a mean over sites, in units of 4 beta, (N,)."""
    angles = double(angles)
    force = gradient(angles, beta)
    cosines = np.cos(differences(angles)).mean((1, 2, 3))
    return (force**2).mean((1, 2)) / (4 * beta) - cosines


def vortex_charges(angles: np.ndarray) -> np.ndarray:
    """Count the turns of the angle about each plaquette, counter-clockwise from its site, (N, L_y, L_x): -1, 0 or 1.

    Differences are wrapped into [-pi, pi) before they are added up, so that their sum is a whole number of turns.
    """
    links = wrapped(differences(double(angles)))
    # A plaquette of links runs along y first, clockwise.
    return -np.rint(plaquette_sums(links) / (2 * np.pi)) + 0.0
