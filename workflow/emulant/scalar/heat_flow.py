r"""The Hamilton-Jacobi-Bellman equation of one variable, solved by collocation: the flow of the effective action with noise.

.. math:: S_\tau(\phi) = \frac{\phi^2}{2(v+\tau)} + \frac12 \ln\frac{v+\tau}{v} + U_s(y), \qquad
    U_0 = S_0 - \frac{\phi^2}{2v},

    \partial_s U = \tfrac12 (U'' - U'^2), \qquad y = \frac{v\phi}{v+\tau}, \qquad s = \frac{v\tau}{v+\tau}

where the Gaussian of any variance v is exact and all times lie in s < v. U is a polynomial through Chebyshev points of
|y| < `reach`. At its ends the force points outwards, so that what is beyond them has no say: the equation without U'' is
obeyed there, and its error stays within 1 / U' of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.integrate import solve_ivp

__all__ = ["HeatFlow"]

TOLERANCE = 1e-10
"""Of a step in s, relative and absolute: the tables of the tests are met to 1e-7."""


@dataclass(frozen=True)
class HeatFlow:
    """The flow of an action whose force points outwards at the ends of the interval.

    Arguments:
        potential: S_0, an array -> an array.
        variance: v > 0.
        reach: where the interval ends.
        points: of the collocation.
    """

    potential: Callable[[np.ndarray], np.ndarray]
    variance: float
    reach: float
    points: int = 64

    def interactions(self, taus: Sequence[float]) -> np.ndarray:
        """U at the collocation points for rising tau, (times, points).

        Raises:
            ValueError: where the solution ends before the last time.
        """
        nodes, first = _chebyshev(self.points)
        y, first = self.reach * nodes, first / self.reach
        second = first @ first
        second[[0, -1]] = 0.0

        def rate(_: float, u: np.ndarray) -> np.ndarray:
            return 0.5 * (second @ u - (first @ u) ** 2)

        def jacobian(_: float, u: np.ndarray) -> np.ndarray:
            return 0.5 * second - (first @ u)[:, None] * first

        start = self.potential(y) - y**2 / (2 * self.variance)
        times = [self.variance * tau / (self.variance + tau) for tau in taus]
        solution = solve_ivp(
            rate, (0.0, times[-1]), start, "Radau", times, rtol=TOLERANCE, atol=TOLERANCE, jac=jacobian
        )
        if not solution.success:
            raise ValueError(f"heat flow: expected a solution until tau = {taus[-1]}, got {solution.message}")
        return solution.y.T

    def action(self, phi: np.ndarray, tau: float, interaction: np.ndarray) -> np.ndarray:
        """S_tau, of which exp(-S_tau) is exp(-S_0) smeared by noise of variance tau, from U at that time."""
        total = self.variance + tau
        smooth = self._at(phi, tau, interaction)
        return phi**2 / (2 * total) + 0.5 * np.log(total / self.variance) + smooth

    def force(self, phi: np.ndarray, tau: float, interaction: np.ndarray) -> np.ndarray:
        """dS_tau/dphi."""
        total = self.variance + tau
        slope = _chebyshev(self.points)[1] @ interaction / self.reach
        return phi / total + self.variance / total * self._at(phi, tau, slope)

    def curvature(self, phi: np.ndarray, tau: float, interaction: np.ndarray) -> np.ndarray:
        """Second derivative of S_tau."""
        total = self.variance + tau
        first = _chebyshev(self.points)[1] / self.reach
        return 1 / total + (self.variance / total) ** 2 * self._at(phi, tau, first @ (first @ interaction))

    def _at(self, phi: np.ndarray, tau: float, values: np.ndarray) -> np.ndarray:
        """Interpolate values at the collocation points to y by the barycentric formula."""
        nodes = self.reach * _chebyshev(self.points)[0]
        difference = (self.variance / (self.variance + tau) * phi)[:, None] - nodes
        # At a point itself the formula is 0 / 0: a difference below rounding gives its value.
        difference = np.where(difference == 0, 1e-30, difference)
        terms = 1 / (_scale(self.points) * difference)
        return terms @ values / terms.sum(1)


def _scale(count: int) -> np.ndarray:
    """Signs of the points, doubled at the ends."""
    number = np.arange(count)
    return np.where((number == 0) | (number == count - 1), 2.0, 1.0) * (-1.0) ** number


@cache
def _chebyshev(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev points and the matrix of the derivative (L. N. Trefethen, Spectral Methods in MATLAB, 2000, p. 54)."""
    nodes, scale = np.cos(np.pi * np.arange(count) / (count - 1)), _scale(count)
    difference = nodes[:, None] - nodes + np.eye(count)
    matrix = np.outer(scale, 1 / scale) / difference
    return nodes, matrix - np.diag(matrix.sum(1))
