"""Independent plaquettes: all but one from von Mises' law, the last one minus their sum.

The weight is e^(beta cos theta_V) up to a constant, and the effective fraction I_0(beta)^2 / I_0(2 beta) in any volume.
"""

import numpy as np

from emulant.families._plaquette_flow import PlaquetteFlow
from emulant.families._sectors import study_sectors
from emulant.gauge.arrays import wrapped
from emulant.gauge.von_mises import VonMises

__all__ = ["Model", "studies"]


class Trivial:
    """The map.

    Arguments:
        coupling: of von Mises' law.
    """

    def __init__(self, coupling: float) -> None:
        self.law = VonMises(coupling)

    def mapped(self, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map all but the last angle to the law, and put what closes their sum at the end."""
        free = self.law.quantile(uniform[:, :-1])
        plaquettes = np.concatenate([free, wrapped(-free.sum(1, keepdims=True))], 1)
        return plaquettes, self.log_density(plaquettes)

    def log_density(self, plaquettes: np.ndarray) -> np.ndarray:
        """Compute ln q, (N,)."""
        free = plaquettes[:, :-1]
        return self.law.coupling * np.cos(free).sum(1) - free.shape[1] * self.law.log_norm


class Model(PlaquetteFlow):
    """Links with these plaquettes."""

    def map_of(self, coupling: float) -> Trivial:
        """Make the map of a coupling."""
        return Trivial(coupling)


studies = {"sectors": study_sectors}
