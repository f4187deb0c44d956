"""Two Gaussian peaks, with closed forms for everything along a path (arXiv:2410.21212, sec. 4)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from emulant.scalar.quadrature import two_panels
from emulant.scalar.single_site import SingleSite
from emulant.statistics.cumulants import ORDER
from emulant.transport.paths.arrays import functions_of

__all__ = ["TwoPeak", "from_settings"]


@dataclass(frozen=True)
class TwoPeak(SingleSite):
    """P₀ = ½ [N(μ₀, σ₀²) + N(-μ₀, σ₀²)], S = -log P₀ with its constant.

    Along a path each peak stays Gaussian: at a μ₀, of variance v = a² σ₀² + b². Arrays and tensors alike.

    Arguments:
        mean: μ₀, the position of a peak.
        width: σ₀ > 0, its standard deviation.

    Raises:
        ValueError: if the mean is not finite or the width is not positive.
    """

    mean: float = 1.0
    width: float = 0.25

    kind: ClassVar[str] = "two_peak"

    def __post_init__(self) -> None:
        if not math.isfinite(self.mean):
            raise ValueError(f"mean: expected a number, got {self.mean}")
        if not 0 < self.width < math.inf:
            raise ValueError(f"width: expected a positive number, got {self.width}")

    @property
    def parameters(self) -> dict[str, float]:
        """Return μ₀ and σ₀."""
        return {"mean": self.mean, "width": self.width}

    def potential(self, phi: Any) -> Any:
        """Compute S = -log P₀."""
        return -self.log_density(phi)

    def gradient(self, fields: Any) -> Any:
        """Compute dS/dφ = [φ - μ₀ tanh(μ₀ φ / σ₀²)] / σ₀²."""
        return -self.score(fields)

    def log_density(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """Compute log p = -(φ² + a² μ₀²) / 2v - ½ log 2πv + log cosh(a μ₀ φ / v)."""
        variance, centre = self._moved(signal, noise)
        size = abs(centre * phi / variance)
        log_cosh = size + functions_of(size).log1p(functions_of(size).exp(-2 * size)) - math.log(2)
        log_norm = 0.5 * functions_of(variance).log(2 * math.pi * variance)
        return log_cosh - (phi**2 + centre**2) / (2 * variance) - log_norm

    def score(self, phi: Any, signal: float = 1.0, noise: float = 0.0) -> Any:
        """Compute ∂ log p = [a μ₀ tanh(a μ₀ φ / v) - φ] / v."""
        variance, centre = self._moved(signal, noise)
        angle = centre * phi / variance
        return (centre * functions_of(angle).tanh(angle) - phi) / variance

    def denoiser(self, phi: Any, signal: float, noise: float) -> Any:
        """Compute E[φ₀|φ] = [a σ₀² φ + b² μ₀ tanh(a μ₀ φ / v)] / v."""
        variance, centre = self._moved(signal, noise)
        angle = centre * phi / variance
        peak = self.mean * functions_of(angle).tanh(angle)
        return (signal * self.width**2 * phi + noise**2 * peak) / variance

    def moments(self) -> np.ndarray:
        """Compute the moments; even ones are Σ C(n, 2k) (2k - 1)!! σ₀^{2k} μ₀^{n - 2k}, those of N(μ₀, σ₀²)."""
        return np.array([0.0 if n % 2 else self._moment(n) for n in range(1, ORDER + 1)])

    def cumulants(self) -> np.ndarray:
        """Compute the cumulants, derivatives of J² σ₀² / 2 + log cosh(μ₀ J) at J = 0."""
        even = np.array([1.0, -2.0, 16.0, -272.0]) * self.mean ** np.arange(2, ORDER + 1, 2)
        even[0] += self.width**2
        return np.column_stack([np.zeros(ORDER // 2), even]).ravel()

    def log_moment_generator(self, source: Any) -> Any:
        """Compute W[J, 0] = log E e^{J φ₀}."""
        size = abs(self.mean * source)
        log_cosh = size + functions_of(size).log1p(functions_of(size).exp(-2 * size)) - math.log(2)
        return 0.5 * (self.width * source) ** 2 + log_cosh

    def expectation(self, function: Callable[[np.ndarray], np.ndarray]) -> float:
        """Compute <f(φ)> by quadrature."""
        # At 14 widths from a peak the density is e^-98 of its maximum.
        nodes, weights = two_panels(abs(self.mean) + 14 * self.width)
        return float(weights @ (function(nodes) * np.exp(self.log_density(nodes))))

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, shape (count, 1)."""
        sign = 2 * generator.integers(0, 2, count) - 1
        return (sign * self.mean + self.width * generator.standard_normal(count))[:, None]

    def _moved(self, signal: float, noise: float) -> tuple[float, float]:
        """Compute variance and position of a peak of a φ₀ + b z."""
        return (signal * self.width) ** 2 + noise**2, signal * self.mean

    def _moment(self, order: int) -> float:
        """Compute a raw moment of N(μ₀, σ₀²)."""
        return sum(
            math.comb(order, 2 * k)
            * math.prod(range(1, 2 * k, 2))
            * self.width ** (2 * k)
            * self.mean ** (order - 2 * k)
            for k in range(order // 2 + 1)
        )


def from_settings(settings: Mapping[str, Any]) -> TwoPeak:
    """Build the system of a `system` block."""
    return TwoPeak(settings["mean"], settings["width"])
