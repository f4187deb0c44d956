"""Variance-preserving path: the field decays as the noise grows."""

from dataclasses import dataclass, field

from emulant.transport.paths.arrays import Array, functions_of
from emulant.transport.paths.path import Path
from emulant.transport.paths.schedules import Geometric, LinearBeta

__all__ = ["VariancePreserving"]


@dataclass(frozen=True)
class VariancePreserving(Path):
    r"""dx = -½ g² x dt + g dW: a = e^{-Ξ/2}, b² = 1 - e^{-Ξ} with Ξ = ∫ g².

    Arguments:
        schedule: `Geometric(σ)` is the choice g = σ^t of arXiv:2410.21212, `LinearBeta` that of DDPM.
    """

    schedule: Geometric | LinearBeta = field(default_factory=lambda: Geometric(10.0))

    def signal(self, t: Array) -> Array:
        """Return a = e^{-Ξ/2}."""
        xi = self.schedule.integral(t)
        return functions_of(xi).exp(-0.5 * xi)

    def noise(self, t: Array) -> Array:
        """Return b = √(1 - e^{-Ξ})."""
        xi = self.schedule.integral(t)
        functions = functions_of(xi)
        return functions.sqrt(-functions.expm1(-xi))

    def slopes(self, t: Array) -> tuple[Array, Array]:
        """Return a' = -½ g² a and b' = ½ g² a² / b."""
        half_rate, signal = 0.5 * self.schedule.rate(t), self.signal(t)
        return -half_rate * signal, half_rate * signal**2 / self.noise(t)

    def drift(self, x: Array, t: Array) -> Array:
        """Return -½ g² x."""
        return -0.5 * self.schedule.rate(t) * x

    def diffusion(self, t: Array) -> Array:
        """Return g(t)."""
        rate = self.schedule.rate(t)
        return functions_of(rate).sqrt(rate)

    def time_of_ratio(self, ratio: Array) -> Array:
        """Return t of Ξ = ln(1 + s²)."""
        return self.schedule.time_of_integral(functions_of(ratio).log1p(ratio * ratio))
