"""Polynomial potentials of one coordinate."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial

from emulant.errors import InputError

__all__ = ["Potential"]

REAL = 1e-6
"""Imaginary part of a root below which it is real: double roots split by the square root of rounding."""


class Potential:
    """V(x) = sum_n c_n x^n, bounded from below.

    Arguments:
        coefficients: c_0, c_1, ...

    Raises:
        InputError: where V is not bounded from below, or a constant.
    """

    def __init__(self, coefficients: Sequence[float]) -> None:
        self.coefficients = np.trim_zeros(np.asarray(coefficients, float), "b")
        degree = len(self.coefficients) - 1
        if degree < 2 or degree % 2 or self.coefficients[-1] < 0:
            expected = (
                "coefficients c_0, c_1, ..., the last one positive and of an even power: V bounded from below"
            )
            raise InputError("system", "potential", expected, list(coefficients))
        self.polynomial = Polynomial(self.coefficients)

    @property
    def even(self) -> bool:
        """Whether V(-x) = V(x)."""
        return not self.coefficients[1::2].any()

    def __call__(self, x: Any) -> Any:
        """V at x of any shape, array or tensor."""
        return _horner(self.coefficients, x)

    def slope(self, x: Any) -> Any:
        """dV/dx at x of any shape, array or tensor."""
        return _horner(self.polynomial.deriv().coef, x)

    def virial(self, x: Any) -> Any:
        """V + x V'/2, whose mean is the energy, at x of any shape."""
        powers = np.arange(len(self.coefficients))
        return _horner(self.coefficients * (1 + powers / 2), x)

    def minima(self) -> np.ndarray:
        """Where V has a local minimum, in rising order."""
        flat = real_roots(self.polynomial.deriv())
        # A minimum is where V' turns from negative to positive: between the stationary points beside it.
        between = np.concatenate([[flat[0] - 1], (flat[1:] + flat[:-1]) / 2, [flat[-1] + 1]])
        sign = np.sign(self.slope(between))
        return flat[(sign[:-1] < 0) & (sign[1:] > 0)]

    @property
    def floor(self) -> float:
        """The least V."""
        return float(self(self.minima()).min())

    def smeared(self, variance: float) -> Polynomial:
        """The mean of V(x + z) over a Gaussian z of this variance, exp(variance/2 d^2/dx^2) V, a polynomial."""
        term, total = self.polynomial, self.polynomial
        for order in range(1, len(self.coefficients) // 2 + 1):
            term = term.deriv(2) * (variance / (2 * order))
            total = total + term
        return total


def real_roots(polynomial: Polynomial) -> np.ndarray:
    """Real roots in rising order, each once."""
    roots = polynomial.roots()
    size = 1 + np.abs(roots)
    real = np.sort(roots.real[np.abs(roots.imag) < REAL * size])
    return real[np.diff(real, prepend=-np.inf) > REAL]


def _horner(coefficients: np.ndarray, x: Any) -> Any:
    """A polynomial at x; numbers are Python's, so that tensors keep their precision."""
    *lower, value = map(float, coefficients)
    for coefficient in reversed(lower):
        value = value * x + coefficient
    return value
