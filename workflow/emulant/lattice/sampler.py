"""Many Markov chains of a scalar field: Hybrid Monte Carlo with embedded clusters and the global flip."""

from dataclasses import dataclass

import numpy as np

from emulant.lattice.cluster import cluster_flips
from emulant.lattice.geometry import Geometry
from emulant.lattice.leapfrog import averages, trajectories
from emulant.lattice.streams import draw, seeded

__all__ = ["LEAPFROG", "OMELYAN", "Chains", "Trajectory"]

LEAPFROG, OMELYAN = 0.25, 0.1931833275037836


@dataclass(frozen=True)
class Trajectory:
    """How a chain moves.

    Arguments:
        steps: force evaluations, even.
        step_size: mean advance of time with each force; each trajectory of each chain draws its own within `jitter`.
        jitter: relative half-width of the step size's uniform distribution.
        clusters: Wolff clusters after each trajectory; none where kappa <= 0, which they do not apply to.
        flip: whether a global change of sign follows with probability 1/2.
        xi: of the integrator, LEAPFROG or OMELYAN.
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


class Chains:
    """Independent chains of the action (K), updated together on the CPU.

    Arguments:
        shape: lattice shape, any dimension.
        kappa: hopping parameter.
        coupling: lambda.
        fields: start, (chains, *shape).
        seed: of all random numbers.
        dtype: of the fields; energies are always double.

    Attributes:
        cluster_work: sites flipped by clusters so far, a measure of their cost.
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
        self.padded = self.geometry.pad(fields, dtype)
        self.streams = seeded(seed, len(fields))
        self.cluster_streams = self.streams[:, :2, 0].copy().view(np.uint64)[:, 0] | np.uint64(1)
        self.neighbours, self.interior = self.geometry.neighbours, self.geometry.interior
        self.cluster_work = 0

    def __len__(self) -> int:
        return len(self.padded)

    @property
    def volume(self) -> int:
        """Number of sites."""
        return self.geometry.volume

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, (chains, *shape), a copy."""
        return self.geometry.sites(self.padded).copy()

    def advance(self, trajectory: Trajectory, count: int = 1) -> np.ndarray:
        """`count` trajectories, each with its clusters and flip; returns the acceptance of each chain, (chains,)."""
        chains = len(self)
        momenta, uniforms = np.empty((chains, self.volume), np.float32), np.empty((chains, 3))
        accepted, work, total = np.zeros(chains, np.int64), np.zeros(chains, np.int64), np.zeros(chains)
        tables = (self.geometry.strides, self.geometry.rows, self.geometry.shape[-1], self.geometry.faces)
        for _ in range(count):
            draw(self.streams, momenta, uniforms)
            sizes = trajectory.step_size * (1 + trajectory.jitter * (2 * uniforms[:, 1] - 1))
            moves = (momenta, uniforms[:, 0].copy(), sizes, trajectory.steps, trajectory.xi)
            trajectories(self.padded, *moves, self.kappa, self.coupling, *tables, accepted)
            total += accepted
            if trajectory.clusters and self.kappa > 0:
                cluster = (self.neighbours, self.interior, self.kappa, trajectory.clusters)
                cluster_flips(self.padded, *cluster, self.cluster_streams, work)
                self.cluster_work += int(work.sum())
            if trajectory.flip:
                self.padded *= np.where(uniforms[:, 2:] < 0.5, -1, 1).astype(self.padded.dtype)
        return total / count

    def averages(self) -> tuple[np.ndarray, np.ndarray]:
        """M and phi dS/dphi per site of each chain, each (chains,)."""
        magnetisation, identity = np.empty((2, len(self)))
        tables = (self.geometry.strides, self.geometry.rows, self.geometry.shape[-1], self.geometry.faces)
        averages(self.padded, self.kappa, self.coupling, *tables, magnetisation, identity)
        return magnetisation, identity

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {
            "padded": self.padded.copy(),
            "streams": self.streams.copy(),
            "cluster_streams": self.cluster_streams.copy(),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        for name, values in state.items():
            getattr(self, name)[...] = values
