"""Exact results of quartic and Gaussian actions: moments by quadrature, the density of the Gaussian process."""

from dataclasses import dataclass

import numpy as np
from scipy.special import kv

from emulant.langevin.actions import Quartic
from emulant.langevin.sampler import ORDER
from emulant.statistics.cumulants import cumulants

__all__ = ["GaussianDensity", "exact_cumulants", "exact_moments", "partition_function"]

# 501 nodes already agree to 1e-13 for B up to 5 A; the sum is cheap.
NODES = 8001
# -ln of |exp(-S)| at the ends of the interval: e^-80 is negligible beside rounding even times x^8.
FALL = 80.0


def partition_function(action: Quartic) -> complex:
    """Compute Z = ∫dx exp(-S) = √(4ξ/σ₀) e^ξ K_{1/4}(ξ), ξ = σ₀²/8λ, or √(2π/σ₀) without coupling."""
    if action.coupling == 0:
        return np.sqrt(2 * np.pi / action.sigma0)
    xi = action.sigma0**2 / (8 * action.coupling)
    return complex(np.sqrt(4 * xi / action.sigma0) * np.exp(xi) * kv(0.25, xi))


def exact_moments(action: Quartic) -> np.ndarray:
    """Compute <z>, <z²>, ..., <z⁸> = ∫dx xⁿ exp(-S) / Z, complex, (8,).

    By the trapezoidal rule, which converges exponentially for such integrands.
    """
    x = np.linspace(-1, 1, NODES) * _reach(action)
    weight = np.exp(-action.action(x))
    return (
        np.array([np.sum(x**n * weight) if n % 2 == 0 else 0.0 for n in range(1, ORDER + 1)]) / weight.sum()
    )


def exact_cumulants(action: Quartic) -> np.ndarray:
    """Compute the cumulants of order 1 to 8 from the exact moments, complex, (8,)."""
    return cumulants(exact_moments(action))


def _reach(action: Quartic) -> float:
    """Compute the x at which |exp(-S)| has fallen by e^-80."""
    quadratic = np.sqrt(2 * FALL / action.a)
    return min(quadratic, (4 * FALL / action.coupling) ** 0.25) if action.coupling else quadratic


@dataclass(frozen=True)
class GaussianDensity:
    """P(x, y) ∝ exp(-α x² - 2β x y - γ y²), α = A, β = A²/B, γ = A (1 + 2A²/B²), of S = σ₀ z²/2 (arXiv:2412.01919).

    Arguments:
        action: without coupling, B not zero.
    """

    action: Quartic

    @property
    def precision(self) -> np.ndarray:
        """Return the inverse covariance of (x, y), (2, 2)."""
        a, b = self.action.a, self.action.b
        return 2 * np.array([[a, a**2 / b], [a**2 / b, a * (1 + 2 * a**2 / b**2)]])

    @property
    def covariance(self) -> np.ndarray:
        """Return the matrix of <x²>, <xy>, <y²>, (2, 2)."""
        return np.linalg.inv(self.precision)

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Evaluate the normalised density."""
        p = self.precision
        exponent = 0.5 * (p[0, 0] * x**2 + 2 * p[0, 1] * x * y + p[1, 1] * y**2)
        return np.sqrt(np.linalg.det(p)) / (2 * np.pi) * np.exp(-exponent)
