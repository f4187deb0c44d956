"""Many Markov chains of a scalar field: Hybrid Monte Carlo with embedded clusters and the global flip."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from emulant.lattice.cluster import cluster_flips
from emulant.lattice.leapfrog import Geometry, trajectories

__all__ = ["Chains", "Trajectory"]


@dataclass(frozen=True)
class Trajectory:
    """Leapfrog settings.

    Arguments:
        steps: leapfrog steps.
        step_size: mean step; each trajectory of each chain draws its own within `jitter`.
        jitter: relative half-width of the step size's uniform distribution.
        clusters: Wolff clusters after each trajectory.
    """

    steps: int
    step_size: float
    jitter: float = 0.15
    clusters: int = 1


class Chains:
    """Independent chains of the action (K), updated together.

    Arguments:
        shape: lattice shape, any dimension.
        kappa: hopping parameter.
        coupling: lambda.
        fields: start, (chains, *shape).
        seed: of all random numbers.
        dtype: of the fields; energies are always double.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        kappa: float,
        coupling: float,
        fields: np.ndarray,
        *,
        seed: int,
        dtype: str = "float32",
    ) -> None:
        self.geometry = Geometry.of(shape)
        self.kappa, self.coupling = float(kappa), float(coupling)
        self.padded = np.zeros((len(fields), self.geometry.size), dtype)
        self.padded[:, self.geometry.interior] = fields.reshape(len(fields), -1)
        self.generator = np.random.Generator(np.random.SFC64(seed))
        self.cluster_state = self.generator.integers(1, 2**63, len(fields), dtype=np.uint64)
        sites = np.arange(self.geometry.interior.size).reshape(shape)
        rolled = [np.roll(sites, s, axis).ravel() for axis in range(len(shape)) for s in (1, -1)]
        self.neighbours = np.stack(rolled, axis=1)

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, (chains, *shape)."""
        return self.padded[:, self.geometry.interior].reshape(-1, *self.geometry.shape)

    def advance(self, trajectory: Trajectory, count: int = 1) -> np.ndarray:
        """`count` trajectories with clusters and a global flip; returns the acceptance of each chain, (chains,)."""
        chains, volume = len(self.padded), self.geometry.interior.size
        accepted, total = np.zeros(chains, np.int64), np.zeros(chains)
        for _ in range(count):
            momenta = self.generator.standard_normal((chains, volume), dtype=np.float32)
            uniforms, jitter = self.generator.random(chains), self.generator.random(chains)
            sizes = trajectory.step_size * (1 + trajectory.jitter * (2 * jitter - 1))
            trajectories(
                self.padded,
                momenta,
                uniforms,
                trajectory.steps,
                sizes,
                self.kappa,
                self.coupling,
                self.geometry.strides,
                self.geometry.interior,
                self.geometry.ghosts,
                self.geometry.sources,
                accepted,
            )
            total += accepted
            if trajectory.clusters:
                cluster_flips(
                    self.padded,
                    self.neighbours,
                    self.geometry.interior,
                    self.kappa,
                    trajectory.clusters,
                    self.cluster_state,
                )
            signs = np.where(self.generator.random(chains) < 0.5, -1, 1).astype(self.padded.dtype)
            self.padded *= signs[:, None]
        return total / count

    def state(self) -> dict[str, Any]:
        """Everything needed to go on bit for bit: fields, cluster states, generator."""
        return {
            "padded": self.padded.copy(),
            "cluster_state": self.cluster_state.copy(),
            "generator": self.generator.bit_generator.state,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Inverse of `state`."""
        self.padded[...] = state["padded"]
        self.cluster_state[...] = state["cluster_state"]
        self.generator.bit_generator.state = state["generator"]
