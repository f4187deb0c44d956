"""How chains of the scalar field move, and what every backend that moves them offers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from emulant.markov.chains import MarkovChains

__all__ = ["LEAPFROG", "OMELYAN", "ScalarChains", "Trajectory"]

LEAPFROG, OMELYAN = 0.25, 0.1931833275037836
"""xi of the leapfrog, and of the second-order integrator with the smallest error (Omelyan et al., CPC 151 (2003) 272)."""


@dataclass(frozen=True)
class Trajectory:
    """One update of a chain: Hybrid Monte Carlo, then clusters, then the global flip.

    Arguments:
        steps: force evaluations, even.
        step_size: mean advance of time with each force; each trajectory of each chain draws its own within `jitter`.
        jitter: relative half-width of the step size's uniform distribution.
        clusters: cluster updates after each trajectory; none where kappa <= 0, which they do not apply to.
        flip: whether a global change of sign follows with probability 1/2.
        xi: of the integrator (see `leapfrog`), LEAPFROG or OMELYAN.
    """

    steps: int
    step_size: float
    jitter: float = 0.15
    clusters: int = 1
    flip: bool = True
    xi: float = OMELYAN

    def __post_init__(self) -> None:
        if self.steps < 2 or self.steps % 2:
            raise ValueError(f"a trajectory takes an even number of force evaluations, got {self.steps}")

    def drifts(self) -> list[float]:
        """Multiples of the step size by which the field moves before the first force and after each, (steps + 1,)."""
        outer, between, inner = 2 * self.xi, 4 * self.xi, 2 - 4 * self.xi
        return [outer, *([inner, between] * (self.steps // 2))[:-1], outer]


class ScalarChains(MarkovChains, Protocol):
    """Independent chains of the action (K); order parameter and identity are M and phi dS/dphi per site.

    Attributes:
        volume: number of sites.
        cluster_work: sites flipped by clusters so far, a measure of their cost.
    """

    volume: int
    cluster_work: int

    def advance(self, update: Trajectory, count: int = 1) -> np.ndarray:
        """Make `count` trajectories; returns the acceptance of each chain, (chains,)."""
