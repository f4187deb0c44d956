"""A quartic well in zero dimensions, single or double, solved by quadrature (arXiv:2309.17082, sec. 3)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy.special import logsumexp

from emulant.scalar.quadrature import two_panels
from emulant.scalar.single_site import SingleSite
from emulant.statistics.cumulants import ORDER

__all__ = ["QuarticWell", "from_settings"]

# S - min S at the ends of the integrals: e^-100 is negligible beside rounding, also times φ⁸.
DEPTH = 100.0
# Steps above the density: 0.12 % of the proposals are rejected for μ² = -1, g = 0.4.
CELLS = 8192
# Values of φ at a time: 1024 times 800 nodes are 6.5 MB.
CHUNK = 1024


@dataclass(frozen=True)
class QuarticWell(SingleSite):
    """S = μ² φ² / 2 + g φ⁴ / 4!.

    Integrals run over |φ| < `reach`, outside of which e^{-(S - min S)} < e^{-100}.

    Arguments:
        mu2: μ², of either sign.
        g: the coupling, g > 0.

    Raises:
        ValueError: if μ² is not finite or g is not positive.
    """

    mu2: float
    g: float

    kind: ClassVar[str] = "quartic_well"

    def __post_init__(self) -> None:
        if not math.isfinite(self.mu2):
            raise ValueError(f"mu2: expected a number, got {self.mu2}")
        if not 0 < self.g < math.inf:
            raise ValueError(f"g: expected a positive number, got {self.g}")

    @property
    def parameters(self) -> dict[str, float]:
        """Return μ² and g."""
        return {"mu2": self.mu2, "g": self.g}

    @cached_property
    def minimum(self) -> float:
        """Return the φ >= 0 that minimises S: √(-6 μ² / g), or 0 for a single well."""
        return math.sqrt(max(0.0, -6 * self.mu2 / self.g))

    @cached_property
    def reach(self) -> float:
        """Return the φ > 0 beyond the minimum at which S - min S = 100."""
        depth = DEPTH + self.potential(self.minimum)
        return math.sqrt((math.sqrt(self.mu2**2 / 4 + self.g * depth / 6) - self.mu2 / 2) * 12 / self.g)

    @cached_property
    def log_partition_function(self) -> float:
        """Compute log Z = log ∫ dφ e^{-S}."""
        nodes, weights = two_panels(self.reach)
        return float(logsumexp(-self.potential(nodes), b=weights))

    def potential(self, phi: Any) -> Any:
        """Compute S(φ)."""
        squared = phi**2
        return squared * (self.mu2 / 2 + self.g / 24 * squared)

    def gradient(self, fields: Any) -> Any:
        """Compute dS/dφ = μ² φ + g φ³ / 6."""
        return fields * (self.mu2 + self.g / 6 * fields**2)

    def expectation(self, function: Callable[[np.ndarray], np.ndarray]) -> float:
        """Compute <f(φ)> by quadrature."""
        nodes, weights = two_panels(self.reach)
        return float(weights @ (function(nodes) * self.density(nodes)))

    def moments(self) -> np.ndarray:
        """Compute <φ>, ..., <φ⁸>; the odd ones are zero."""
        powers = range(1, ORDER + 1)
        return np.array([0.0 if n % 2 else self.expectation(lambda phi, n=n: phi**n) for n in powers])

    def log_density(self, phi: np.ndarray, signal: float = 1.0, noise: float = 0.0) -> np.ndarray:
        """Compute log p of a φ₀ + b z by quadrature; phi of any shape."""
        if noise == 0:
            return -self.potential(phi / signal) - self.log_partition_function - math.log(signal)
        return self._over(phi, lambda log_joint, start: logsumexp(log_joint, axis=1), signal, noise)

    def denoiser(self, phi: np.ndarray, signal: float, noise: float) -> np.ndarray:
        """Compute E[φ₀ | a φ₀ + b z = φ] by quadrature; phi of any shape."""

        def mean(log_joint: np.ndarray, start: np.ndarray) -> np.ndarray:
            weights = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
            return (weights * start).sum(axis=1) / weights.sum(axis=1)

        return self._over(phi, mean, signal, noise)

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, shape (count, 1), by rejection from a step function above the density."""
        samples = np.empty(0)
        while len(samples) < count:
            samples = np.concatenate(
                [samples, self._accepted(int(1.02 * (count - len(samples))) + 64, generator)]
            )
        return samples[:count, None]

    def _accepted(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw `count` proposals from the step function; return those accepted."""
        edges, height, cumulative = self._staircase
        cell = np.searchsorted(cumulative, generator.random(count), side="right")
        phi = edges[cell] + (edges[cell + 1] - edges[cell]) * generator.random(count)
        return phi[generator.random(count) * height[cell] < self.density(phi)]

    @cached_property
    def _staircase(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Compute edges, heights and cumulative probability of the steps; S is monotonic between stationary points."""
        stationary = [-self.minimum, 0.0, self.minimum]
        edges = np.union1d(np.linspace(-self.reach, self.reach, CELLS + 1), stationary)
        at_edges = self.density(edges)
        height = np.maximum(at_edges[1:], at_edges[:-1])
        area = np.cumsum(height * np.diff(edges))
        return edges, height, area / area[-1]

    def _over(self, phi: np.ndarray, reduce: Callable, signal: float, noise: float) -> np.ndarray:
        """Apply `reduce(log p(φ₀, φ) with weights, φ₀)` to rows of φ, in chunks that bound the memory."""
        flat = np.ravel(phi).astype(float)
        rows = [
            reduce(*self._joint(flat[i : i + CHUNK, None], signal, noise)) for i in range(0, len(flat), CHUNK)
        ]
        return np.concatenate(rows).reshape(np.shape(phi))

    def _joint(self, phi: np.ndarray, signal: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
        """Compute the log of p₀(φ₀) N(φ; a φ₀, b²) dφ₀ at nodes φ₀, both of shape (n, nodes).

        Nodes cover the noise z where it is narrower than the wells, and φ₀ where it is wider.
        """
        if noise < signal * self.reach / 30:
            # At 12 standard deviations the noise has fallen to e^-72.
            z, weights = two_panels(12.0)
            start, jacobian = (phi - noise * z) / signal, 1 / signal
        else:
            start, weights = two_panels(self.reach)
            z, jacobian = (phi - signal * start) / noise, 1 / noise
        log_weights = np.log(weights * jacobian / math.sqrt(2 * math.pi)) - self.log_partition_function
        log_joint = log_weights - 0.5 * z**2 - self.potential(start)
        return log_joint, np.broadcast_to(start, log_joint.shape)


def from_settings(settings: Mapping[str, Any]) -> QuarticWell:
    """Build the system of a `system` block."""
    return QuarticWell(settings["mu2"], settings["g"])
