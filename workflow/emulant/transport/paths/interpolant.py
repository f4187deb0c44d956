"""Straight line between field and noise: flow matching."""

from dataclasses import dataclass

from emulant.transport.paths.arrays import Array, functions_of
from emulant.transport.paths.path import Path

__all__ = ["LinearInterpolant"]


@dataclass(frozen=True)
class LinearInterpolant(Path):
    r"""x_t = (1 - t) x_0 + t z (Lipman et al. 2210.02747, Albergo et al. 2303.08797).

    Its velocity is E[z - x_0|x]; the SDE with the same marginals has drift -x / (1 - t) and
    g² = 2 t / (1 - t), both unbounded at t = 1.
    """

    def signal(self, t: Array) -> Array:
        """Return a = 1 - t."""
        return 1.0 - t

    def noise(self, t: Array) -> Array:
        """Return b = t."""
        return 1.0 * t

    def slopes(self, t: Array) -> tuple[Array, Array]:
        """Return a' = -1 and b' = 1."""
        one = 0 * t + 1.0
        return -one, one

    def diffusion(self, t: Array) -> Array:
        """Return g = √(2 t / (1 - t))."""
        squared = 2 * t / (1 - t)
        return functions_of(squared).sqrt(squared)

    def time_of_ratio(self, ratio: Array) -> Array:
        """Return t = s / (1 + s)."""
        return ratio / (1 + ratio)
