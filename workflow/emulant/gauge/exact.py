r"""Exact results of two-dimensional U(1) on a torus with V plaquettes, at every beta and V.

The plaquettes are independent but for their sum, which the Poisson formula turns into a sum over n. With

.. math:: f(\nu) = \frac{1}{2\pi} \int_{-\pi}^{\pi} d\phi\, e^{\beta \cos\phi} \cos(\nu\phi)

the theory at the vacuum angle theta has Z(theta) = sum_n f(n + theta / 2 pi)^V, with f(n) = I_n(beta), and a Wilson loop
of area A has W(A) = sum_n I_n^(V-A) I_(n+1)^A / Z. All sums are of powers of ratios f / I_0, at most 1 in size, so that no
volume overflows. Z is with respect to the Haar measure.
"""

import math
from functools import cached_property

import numpy as np
from scipy.special import i0e, ive

from emulant.errors import InputError

__all__ = ["Torus"]

NODES = 400
"""Of the quadrature of f: it resolves e^(beta cos phi) up to beta = 1000 and 100 periods of the cosine, to rounding."""
LOST = 1e-17
"""Terms below it, relative to the largest, are no digits of the sums."""
SPREADS = 12
"""Standard deviations of Q up to which P(Q) is computed, for plaquettes that are all near pi: at most V / 4 of variance."""


class Torus:
    """The theory on one torus.

    Arguments:
        beta: of the action, any real number.
        plaquettes: V, at least 9.

    Raises:
        InputError: for fewer plaquettes, of which the sums converge like powers of n.
    """

    def __init__(self, beta: float, plaquettes: int) -> None:
        if plaquettes < 9:
            raise InputError("gauge theory", "plaquettes", "at least 9", plaquettes)
        self.beta, self.plaquettes = float(beta), plaquettes

    @cached_property
    def largest(self) -> int:
        """Largest n of the sums: the powers fall at least like (pi n)^(-V), and I_n like a Gaussian of width sqrt(beta)."""
        power_law = LOST ** (-1 / self.plaquettes)
        return math.ceil(power_law + 8 * math.sqrt(abs(self.beta) + 1))

    @cached_property
    def ratios(self) -> np.ndarray:
        """I_n(beta) / I_0(beta) for n = -largest - 1 ... largest + 1, negative where beta is and n is odd."""
        order = np.abs(np.arange(-self.largest - 1, self.largest + 2))
        sign = np.where(order % 2 == 1, np.sign(self.beta) if self.beta else 1.0, 1.0)
        return sign * ive(order, abs(self.beta)) / i0e(self.beta)

    @cached_property
    def terms(self) -> np.ndarray:
        """Powers (I_n / I_0)^V of the n that are summed."""
        return self.ratios[1:-1] ** self.plaquettes

    @property
    def log_z(self) -> float:
        """Ln Z with respect to the Haar measure."""
        log_bessel = math.log(i0e(self.beta)) + abs(self.beta)
        return self.plaquettes * log_bessel + math.log(self.terms.sum())

    @property
    def plaquette(self) -> float:
        """<cos theta_p>."""
        return self.wilson_loop(1)

    def wilson_loop(self, area: int) -> float:
        """Compute <cos> of the sum of `area` plaquettes, a Wilson loop or two Polyakov loops with this area between them."""
        inside, outside = self.ratios[2:], self.ratios[1:-1]
        return float((outside ** (self.plaquettes - area) * inside**area).sum() / self.terms.sum())

    def vacuum(self, theta: np.ndarray) -> np.ndarray:
        """Compute <cos(theta Q)> = Z(theta) / Z(0) at vacuum angles (k,)."""
        order = np.arange(-self.largest, self.largest + 1)
        shifted = np.asarray(theta)[:, None] / (2 * math.pi) + order
        return (self._transform(shifted) ** self.plaquettes).sum(1) / self.terms.sum()

    @cached_property
    def _charges(self) -> tuple[np.ndarray, np.ndarray]:
        """Charges that occur and their probabilities: a Fourier sum over vacuum angles, exact up to charges left out."""
        widest = math.ceil(SPREADS * math.sqrt(self.plaquettes / 4))
        most = min(widest, self.plaquettes // 2)
        charge, points = np.arange(-most, most + 1), 2 * most + 1
        theta = 2 * math.pi * np.arange(most + 1) / points
        weight = np.where(np.arange(most + 1) > 0, 2.0, 1.0) / points
        return charge, np.cos(np.outer(charge, theta)) @ (weight * self.vacuum(theta))

    def charge_probability(self, charge: int) -> float:
        """Compute P(Q); rounding leaves about 1e-16."""
        charges, probabilities = self._charges
        return float(probabilities[charge - charges[0]]) if abs(charge) <= charges[-1] else 0.0

    @property
    def charge_squared(self) -> float:
        """<Q^2>."""
        charges, probabilities = self._charges
        return float(charges**2 @ probabilities)

    def _transform(self, order: np.ndarray) -> np.ndarray:
        """Compute f(nu) / I_0 for orders of any shape, by Gauss-Legendre quadrature over half of the circle."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        angles = math.pi * (nodes + 1) / 2
        # The largest exponential is 1, as in the scaled Bessel function.
        density = weights * np.exp(self.beta * np.cos(angles) - abs(self.beta))
        # By its own sum and not by I_0, as a power of V magnifies what the two differ by.
        return np.cos(order[..., None] * angles) @ (density / density.sum())
