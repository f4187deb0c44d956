"""A quartic well in zero dimensions, single or double, solved by quadrature (arXiv:2309.17082, sec. 3)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy.special import logsumexp

from emulant.statistics.cumulants import ORDER
from emulant.toys.quadrature import two_panels
from emulant.toys.single_site import SingleSite

__all__ = ["QuarticWell"]

DEPTH = 100.0
CELLS = 8192
CHUNK = 1024


@dataclass(frozen=True)
class QuarticWell(SingleSite):
    """S = μ² φ² / 2 + g φ⁴ / 4!.

    The interval |φ| < `reach`, outside of which e^{-(S - min S)} < e^{-100}, stands for the real line.

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
        """The place φ >= 0 of the minimum of S: √(-6 μ² / g), or 0 for a single well."""
        return math.sqrt(max(0.0, -6 * self.mu2 / self.g))

    @cached_property
    def reach(self) -> float:
        """The φ > 0 beyond the minimum at which S - min S = 100."""
        depth = DEPTH + self.potential(self.minimum)
        return math.sqrt((math.sqrt(self.mu2**2 / 4 + self.g * depth / 6) - self.mu2 / 2) * 12 / self.g)

    @cached_property
    def log_partition_function(self) -> float:
        """Return log Z = log ∫ dφ e^{-S}."""
        nodes, weights = two_panels(self.reach)
        return float(logsumexp(-self.potential(nodes), b=weights))

    def potential(self, phi: Any) -> Any:
        """Return S(φ)."""
        squared = phi**2
        return squared * (self.mu2 / 2 + self.g / 24 * squared)

    def gradient(self, fields: Any) -> Any:
        """dS/dφ = μ² φ + g φ³ / 6."""
        return fields * (self.mu2 + self.g / 6 * fields**2)

    def expectation(self, function: Callable[[np.ndarray], np.ndarray]) -> float:
        """Exact <f(φ)> by quadrature."""
        nodes, weights = two_panels(self.reach)
        return float(weights @ (function(nodes) * self.density(nodes)))

    def moments(self) -> np.ndarray:
        """<φ>, ..., <φ⁸>, the odd ones zero."""
        powers = range(1, ORDER + 1)
        return np.array([0.0 if n % 2 else self.expectation(lambda phi, n=n: phi**n) for n in powers])

    def log_density(self, phi: np.ndarray, signal: float = 1.0, noise: float = 0.0) -> np.ndarray:
        """Return log p of a φ₀ + b z by quadrature; phi of any shape."""
        if noise == 0:
            return -self.potential(phi / signal) - self.log_partition_function - math.log(signal)
        return self._over(phi, lambda log_joint, start: logsumexp(log_joint, axis=1), signal, noise)

    def denoiser(self, phi: np.ndarray, signal: float, noise: float) -> np.ndarray:
        """E[φ₀ | a φ₀ + b z = φ] by quadrature; phi of any shape."""

        def mean(log_joint: np.ndarray, start: np.ndarray) -> np.ndarray:
            weights = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
            return (weights * start).sum(axis=1) / weights.sum(axis=1)

        return self._over(phi, mean, signal, noise)

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Independent exact samples, shape (count, 1): rejection from a staircase above the density."""
        out = np.empty(0)
        while len(out) < count:
            out = np.concatenate([out, self._accepted(int(1.02 * (count - len(out))) + 64, generator)])
        return out[:count, None]

    def _accepted(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Those of `count` proposals from the staircase that lie under the density."""
        edges, height, cumulative = self._staircase
        cell = np.searchsorted(cumulative, generator.random(count), side="right")
        phi = edges[cell] + (edges[cell + 1] - edges[cell]) * generator.random(count)
        return phi[generator.random(count) * height[cell] < self.density(phi)]

    @cached_property
    def _staircase(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Edges, heights, cumulative probability of steps; S is monotonic between stationary points."""
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
        """Return the log of p₀(φ₀) N(φ; a φ₀, b²) dφ₀ at nodes φ₀, both of shape (n, nodes).

        Nodes cover the noise z where it is narrower than the wells, and φ₀ where it is wider.
        """
        if noise < signal * self.reach / 30:
            z, weights = two_panels(12.0)
            start, jacobian = (phi - noise * z) / signal, 1 / signal
        else:
            start, weights = two_panels(self.reach)
            z, jacobian = (phi - signal * start) / noise, 1 / noise
        log_weights = np.log(weights * jacobian / math.sqrt(2 * math.pi)) - self.log_partition_function
        log_joint = log_weights - 0.5 * z**2 - self.potential(start)
        return log_joint, np.broadcast_to(start, log_joint.shape)
