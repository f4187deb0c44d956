r"""The continuity equation in zero dimensions on a known path of actions, S_t = (1 - t) S_0 + t S_1, by quadrature.

.. math:: b\,\rho_t = \int_{-\infty}^x (\partial_t S_t - \langle\partial_t S_t\rangle_t)\, \rho_t\, d\phi, \qquad
    F(t) = -\ln\int e^{-S_t}

b carries rho_t = exp(F - S_t) along the path; the integral runs from the tail that is nearer.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from emulant.scalar.quadrature import two_panels

__all__ = ["KnownPath"]

NODES = 200
"""Of an integral over a tail: rounding is reached with 100 for actions of fourth order."""

Potential = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class KnownPath:
    """A path between two even actions of one variable.

    Arguments:
        first, last: S_0 and S_1.
        reach: beyond which both densities are negligible.
    """

    first: Potential
    last: Potential
    reach: float

    def action(self, phi: np.ndarray, t: float) -> np.ndarray:
        """S_t."""
        return (1 - t) * self.first(phi) + t * self.last(phi)

    def slope(self, phi: np.ndarray) -> np.ndarray:
        """dS_t/dt."""
        return self.last(phi) - self.first(phi)

    def free_energy(self, t: float) -> float:
        """F(t)."""
        nodes, weights = two_panels(self.reach)
        return -float(logsumexp(-self.action(nodes, t), b=weights))

    def mean_slope(self, t: float) -> float:
        """<dS_t/dt>, which is dF/dt."""
        nodes, weights = two_panels(self.reach)
        return float(weights @ (self.slope(nodes) * np.exp(self.free_energy(t) - self.action(nodes, t))))

    def velocity(self, phi: np.ndarray, t: float) -> np.ndarray:
        """b(phi, t), the shape of phi, inside the reach."""
        size, mean = np.abs(phi), self.mean_slope(t)
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        half = 0.5 * (self.reach - size)[..., None]
        tail = size[..., None] + half * (nodes + 1)
        # Relative to the density at phi, which may be as small as it likes.
        density = np.exp(self.action(size, t)[..., None] - self.action(tail, t))
        return -np.sign(phi) * (half * weights * (self.slope(tail) - mean) * density).sum(-1)
