"""Variance-exploding path: constant field, growing noise."""

from dataclasses import dataclass

from emulant.transport.paths.arrays import Array, functions_of
from emulant.transport.paths.path import Path
from emulant.transport.paths.schedules import Geometric

__all__ = ["VarianceExploding"]


@dataclass(frozen=True)
class VarianceExploding(Path):
    r"""dx = σ^t dW: a = 1, b² = Ξ = (σ^{2t} - 1) / (2 ln σ) (arXiv:2309.17082 with σ = 25).

    Arguments:
        sigma: σ > 1; 25 is the published choice.

    Raises:
        ValueError: if σ is not greater than 1.
    """

    sigma: float = 25.0

    def __post_init__(self) -> None:
        Geometric(self.sigma)

    def signal(self, t: Array) -> Array:
        """Return a = 1."""
        return 0 * t + 1.0

    def noise(self, t: Array) -> Array:
        """Return b = √Ξ(t)."""
        xi = Geometric(self.sigma).integral(t)
        return functions_of(xi).sqrt(xi)

    def slopes(self, t: Array) -> tuple[Array, Array]:
        """Return a' = 0 and b' = g² / 2b."""
        return 0.0 * t, 0.5 * Geometric(self.sigma).rate(t) / self.noise(t)

    def diffusion(self, t: Array) -> Array:
        """Return g = σ^t."""
        return self.sigma**t

    def time_of_ratio(self, ratio: Array) -> Array:
        """Return t of Ξ = s²."""
        return Geometric(self.sigma).time_of_integral(ratio * ratio)
