r"""A smooth bijection of plaquettes that spreads what their sum lacks over all of them.

With u_p from von Mises' law for p < V, x = -sum u_p is uniform; g = quantile(x) has the law, and the rest is spread:

.. math:: \theta_V = g, \qquad \theta_p = u_p + \frac{x - g}{V - 1}

As x - g vanishes at -pi and pi, the map is smooth on the circle; its Jacobian is dg/dx. Var ln w is of order 1/V.
"""

import numpy as np

from emulant.families._plaquette_flow import PlaquetteFlow
from emulant.families._sectors import study_sectors
from emulant.gauge.arrays import wrapped
from emulant.gauge.von_mises import VonMises

__all__ = ["Model", "studies"]


class SmoothSpread:
    """The map.

    Arguments:
        coupling: of von Mises' law.
    """

    def __init__(self, coupling: float) -> None:
        self.law = VonMises(coupling)

    def mapped(self, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map all but the last angle to the law, give the last one the law too, and spread what is left."""
        free = self.law.quantile(uniform[:, :-1])
        closing = wrapped(-free.sum(1, keepdims=True))
        last = self.law.quantile(closing)
        spread = (closing - last) / free.shape[1]
        plaquettes = np.concatenate([wrapped(free + spread), last], 1)
        return plaquettes, self.log_density(plaquettes)

    def log_density(self, plaquettes: np.ndarray) -> np.ndarray:
        """Compute ln q, (N,): V angles of the law before the spread."""
        others, last = plaquettes[:, :-1], plaquettes[:, -1:]
        spread = (self.law.cumulative(last) - last) / others.shape[1]
        cosines = np.cos(others - spread).sum(1) + np.cos(last[:, 0])
        return self.law.coupling * cosines - plaquettes.shape[1] * self.law.log_norm


class Model(PlaquetteFlow):
    """Links with these plaquettes."""

    def map_of(self, coupling: float) -> SmoothSpread:
        """Make the map of a coupling."""
        return SmoothSpread(coupling)


studies = {"sectors": study_sectors}
