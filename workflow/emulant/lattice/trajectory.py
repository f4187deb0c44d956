"""How chains move, and what every backend that moves them offers."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

__all__ = ["BACKENDS", "LEAPFROG", "OMELYAN", "MarkovChains", "Trajectory", "backend", "device_of"]

LEAPFROG, OMELYAN = 0.25, 0.1931833275037836
BACKENDS = ("numba", "torch")


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


class MarkovChains(Protocol):
    """Independent chains of the action (K), updated together.

    Attributes:
        device: where they live.
        volume: number of sites.
        fields: configurations of all chains in NumPy, (chains, *shape), a copy.
        cluster_work: sites flipped by clusters so far, a measure of their cost.
    """

    device: str
    volume: int
    fields: np.ndarray
    cluster_work: int

    def __len__(self) -> int: ...

    def advance(self, trajectory: Trajectory, count: int = 1) -> np.ndarray:
        """`count` trajectories; returns the acceptance of each chain, (chains,)."""

    def averages(self) -> tuple[np.ndarray, np.ndarray]:
        """M and phi dS/dphi per site of each chain, each (chains,)."""

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""


def backend(name: str) -> Callable[..., MarkovChains]:
    """What makes chains, by its name in BACKENDS; torch is loaded by name, so that nothing else depends on it."""
    if name == "torch":
        return import_module("emulant.lattice.torch_spread").torch_chains
    if name == "numba":
        from emulant.lattice.sampler import Chains

        return Chains
    raise ValueError(f"a backend of Hybrid Monte Carlo is one of {', '.join(BACKENDS)}, got {name}")


def device_of(name: str) -> str:
    """Where the chains of a backend live in this process."""
    return import_module("emulant.lattice.torch_spread").device_name() if name == "torch" else "cpu"
