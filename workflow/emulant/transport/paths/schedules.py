r"""Diffusion schedules: g²(t), its integral Ξ(t) = ∫_0^t g² on t in [0, 1], and the inverse of the integral."""

import math
from dataclasses import dataclass
from typing import Protocol

from emulant.transport.paths.arrays import Array, functions_of

__all__ = ["Geometric", "LinearBeta", "Schedule"]


class Schedule(Protocol):
    """Diffusion schedule of a path."""

    def rate(self, t: Array) -> Array:
        """Return g²(t)."""

    def integral(self, t: Array) -> Array:
        """Return Ξ(t) = ∫_0^t g²."""

    def time_of_integral(self, xi: Array) -> Array:
        """Return the t with Ξ(t) = `xi`."""


@dataclass(frozen=True)
class Geometric:
    r"""g = σ^t, Ξ = (σ^{2t} - 1) / (2 ln σ) (Song et al. 2011.13456; arXiv:2309.17082, 2410.21212).

    Arguments:
        sigma: σ > 1.
    """

    sigma: float

    def __post_init__(self) -> None:
        if not 1 < self.sigma < math.inf:
            raise ValueError(f"sigma: expected a number greater than 1, got {self.sigma}")

    def rate(self, t: Array) -> Array:
        """Return g²(t)."""
        return functions_of(t).exp(2 * math.log(self.sigma) * t)

    def integral(self, t: Array) -> Array:
        """Return Ξ(t)."""
        twice_log = 2 * math.log(self.sigma)
        return functions_of(t).expm1(twice_log * t) / twice_log

    def time_of_integral(self, xi: Array) -> Array:
        """Return the t with Ξ(t) = `xi`."""
        twice_log = 2 * math.log(self.sigma)
        return functions_of(xi).log1p(twice_log * xi) / twice_log


@dataclass(frozen=True)
class LinearBeta:
    r"""g² = β_min + (β_max - β_min) t (Ho et al. 2006.11239; Song et al. 2011.13456).

    Arguments:
        beta_min: β at t = 0, positive.
        beta_max: β at t = 1, at least β_min.
    """

    beta_min: float = 0.1
    beta_max: float = 20.0

    def __post_init__(self) -> None:
        if not 0 < self.beta_min <= self.beta_max < math.inf:
            raise ValueError(
                f"beta_min, beta_max: expected 0 < beta_min <= beta_max, got {self.beta_min}, {self.beta_max}"
            )

    def rate(self, t: Array) -> Array:
        """Return g²(t)."""
        return self.beta_min + (self.beta_max - self.beta_min) * t

    def integral(self, t: Array) -> Array:
        """Return Ξ(t)."""
        return t * (self.beta_min + 0.5 * (self.beta_max - self.beta_min) * t)

    def time_of_integral(self, xi: Array) -> Array:
        """Return the t with Ξ(t) = `xi`: the positive root, written without cancellation."""
        root = functions_of(xi).sqrt(self.beta_min**2 + 2 * (self.beta_max - self.beta_min) * xi)
        return 2 * xi / (self.beta_min + root)
