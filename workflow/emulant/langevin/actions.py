"""Holomorphic actions S(z) of one variable and their drift -S'(z)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit

from emulant.errors import InputError

__all__ = ["Holomorphic", "Quartic"]

# Random points of the square |x|, |y| < 1 at which the Cauchy-Riemann equations are tested.
POINTS = 64
# Of central differences: errors of truncation (1e-10) and of rounding (1e-11) stay far below TOLERANCE.
STEP, TOLERANCE = 1e-5, 1e-6


@njit(error_model="numpy")
def _quartic_drift(x, y, parameters):
    """Compute (K_x, K_y) of the quartic action; parameters A, B, λ."""
    a, b, coupling = parameters[0], parameters[1], parameters[2]
    re, im = a + coupling * (x * x - y * y), b + 2 * coupling * x * y
    return im * y - re * x, -(re * y + im * x)


@dataclass(frozen=True)
class Quartic:
    """S = σ₀ z²/2 + λ z⁴/4 with σ₀ = A + iB; the Gaussian model for λ = 0.

    Arguments:
        a: A > 0.
        b: B.
        coupling: λ >= 0.

    Raises:
        InputError: if exp(-S) does not fall off on the real axis, or a number is not finite.
    """

    a: float
    b: float
    coupling: float = 0.0

    def __post_init__(self) -> None:
        for key, allowed, expected in (
            ("a", self.a > 0, "a positive number: exp(-S) must fall off"),
            ("b", True, "a number"),
            ("coupling", self.coupling >= 0, "a number that is not negative"),
        ):
            if not (allowed and math.isfinite(getattr(self, key))):
                raise InputError("action", key, expected, getattr(self, key))

    @property
    def sigma0(self) -> complex:
        """Return σ₀."""
        return complex(self.a, self.b)

    @property
    def parameters(self) -> np.ndarray:
        """Return the arguments (A, B, λ) of `kernel`."""
        return np.array([self.a, self.b, self.coupling])

    @property
    def kernel(self) -> Callable:
        """Return the compiled drift, (x, y, parameters) -> (K_x, K_y)."""
        return _quartic_drift

    def action(self, z: Any) -> Any:
        """Compute S(z)."""
        return 0.5 * self.sigma0 * z**2 + 0.25 * self.coupling * z**4

    def drift(self, z: Any) -> Any:
        """Compute -S'(z)."""
        return -(self.sigma0 * z + self.coupling * z**3)

    @property
    def confined(self) -> bool:
        """Tell whether the process stays in a strip: B² <= 3A² (G. Aarts, P. Giudice, E. Seiler, arXiv:1306.3075)."""
        return self.b**2 <= 3 * self.a**2

    @property
    def strip(self) -> float:
        """Return half the strip's width, y₋² = (A/2λ)(1 - √(1 - B²/3A²)); infinite without a strip."""
        if not self.confined or self.coupling == 0:
            return math.inf
        return math.sqrt(self.a / (2 * self.coupling) * (1 - math.sqrt(1 - self.b**2 / (3 * self.a**2))))


@dataclass(frozen=True)
class Holomorphic:
    """An action defined by its drift alone.

    Arguments:
        function: z -> -S'(z) of one complex number, compilable by Numba.

    Raises:
        InputError: if the function violates the Cauchy-Riemann equations, or is not finite near zero.
    """

    function: Callable[[complex], complex]

    def __post_init__(self) -> None:
        generator = np.random.default_rng(0)
        for x, y in generator.uniform(-1, 1, (POINTS, 2)):
            z = complex(x, y)
            along = (self.function(z + STEP) - self.function(z - STEP)) / (2 * STEP)
            across = (self.function(z + 1j * STEP) - self.function(z - 1j * STEP)) / (2j * STEP)
            if not (np.isfinite(along) and np.isfinite(across)):
                raise InputError(
                    "action", "drift", "a function that is finite near zero", f"{along} at {z:.3g}"
                )
            if abs(along - across) > TOLERANCE * (1 + abs(along)):
                raise InputError("action", "drift", "a holomorphic function", f"one that is not at {z:.3g}")

    @property
    def parameters(self) -> np.ndarray:
        """Return no parameters: the function has its own."""
        return np.zeros(0)

    @cached_property
    def kernel(self) -> Callable:
        """Return the compiled drift, (x, y, parameters) -> (K_x, K_y)."""
        function = njit(self.function)

        @njit
        def drift(x, y, parameters):
            k = function(complex(x, y))
            return k.real, k.imag

        return drift

    def drift(self, z: Any) -> Any:
        """Compute -S'(z) of an array."""
        return np.vectorize(self.function, otypes=[complex])(z)
