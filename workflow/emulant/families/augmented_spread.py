r"""All plaquettes from von Mises' law, what their sum lacks spread over all of them, and integrated out.

With d = sum u_p in [-pi, pi), theta_p = u_p - d / V: plaquettes and d together are a bijection with unit Jacobian. The
density of the plaquettes alone is an integral over d of one cosine,

.. math:: q(\theta) = I_0(b)^{-V} \int_{-\pi}^{\pi} \frac{dd}{2\pi}\, e^{b R \cos(\phi + d / V)}, \qquad
    R e^{i\phi} = \sum_p e^{i\theta_p}

and inside a sector of the charge the weight is nearly constant.
"""

import math

import numpy as np
from scipy.special import logsumexp

from emulant.families._plaquette_flow import PlaquetteFlow
from emulant.families._sectors import study_sectors
from emulant.gauge.arrays import wrapped
from emulant.gauge.von_mises import VonMises

__all__ = ["Model", "studies"]

NODES = 32
"""Of Gauss-Legendre quadrature: the exponent changes by about b pi^2 / 2V and is smooth, so that 1e-12 is left."""


class AugmentedSpread:
    """The map.

    Arguments:
        coupling: of von Mises' law.
    """

    def __init__(self, coupling: float) -> None:
        self.law = VonMises(coupling)

    def mapped(self, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map all angles to the law and take an equal part of their sum from each."""
        free = self.law.quantile(uniform)
        plaquettes = wrapped(free - wrapped(free.sum(1, keepdims=True)) / free.shape[1])
        return plaquettes, self.log_density(plaquettes)

    def log_density(self, plaquettes: np.ndarray) -> np.ndarray:
        """Compute ln q, (N,)."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        shift = math.pi * nodes / plaquettes.shape[1]
        cosines, sines = (f(plaquettes).sum(1)[:, None] for f in (np.cos, np.sin))
        exponents = self.law.coupling * (cosines * np.cos(shift) - sines * np.sin(shift))
        return logsumexp(exponents, axis=1, b=weights / 2) - plaquettes.shape[1] * self.law.log_norm


class Model(PlaquetteFlow):
    """Links with these plaquettes."""

    def map_of(self, coupling: float) -> AugmentedSpread:
        """Make the map of a coupling."""
        return AugmentedSpread(coupling)


studies = {"sectors": study_sectors}
