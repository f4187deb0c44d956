"""Many Markov chains of a scalar field on the CPU: Hybrid Monte Carlo, embedded Wolff clusters, the global flip."""

import numpy as np
from numba import njit, prange

from emulant.lattice.cluster import cluster_flips
from emulant.lattice.geometry import Geometry
from emulant.lattice.leapfrog import means, trajectory
from emulant.lattice.trajectory import Trajectory
from emulant.markov.chains import Averages
from emulant.randomness import xorshift
from emulant.randomness.streams import normals, padded_count, seeded, uniforms

__all__ = ["Chains"]


class Chains:
    """Independent chains of the action (K); the interface is `emulant.lattice.trajectory.ScalarChains`.

    Arguments:
        shape: lattice shape, any dimension.
        kappa: hopping parameter.
        coupling: lambda.
        fields: start, (chains, *shape).
        seed: of all random numbers.
        dtype: of the fields; energies are always double.
    """

    device = "cpu"

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
        momenta, clusters = np.random.SeedSequence(seed).spawn(2)
        self.streams = seeded(momenta, len(fields))
        self.cluster_streams = xorshift.streams(clusters, len(fields))
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
        accepted, flipped = np.zeros((2, len(self)), np.int64)
        moves = (trajectory.steps, trajectory.step_size, trajectory.jitter, trajectory.xi)
        clusters = trajectory.clusters if self.kappa > 0 else 0
        _advance(
            *(self.padded, self.streams, self.cluster_streams, count, *moves, clusters, trajectory.flip),
            *(self.kappa, self.coupling, *self.geometry.tables, self.neighbours, self.interior),
            *(accepted, flipped),
        )
        self.cluster_work += int(flipped.sum())
        return accepted / count

    def averages(self) -> Averages:
        """M and phi dS/dphi per site of each chain, each (chains,)."""
        magnetisation, identity = np.empty((2, len(self)))
        _averages(self.padded, self.kappa, self.coupling, *self.geometry.tables, magnetisation, identity)
        return Averages(magnetisation, identity)

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


@njit(parallel=True, cache=True)
def _advance(
    phi,
    streams,
    cluster_streams,
    count,
    steps,
    step_size,
    jitter,
    xi,
    clusters,
    flip,
    kappa,
    coupling,
    strides,
    rows,
    length,
    faces,
    neighbours,
    interior,
    accepted,
    flipped,
):
    """Each chain uses only its own numbers, so that the number of threads does not change results."""
    size, volume = phi.shape[1], interior.size
    needed = padded_count(volume)
    for chain in prange(phi.shape[0]):
        field, scratch = phi[chain], np.zeros((4, size), phi.dtype)
        words, momenta, uniform = np.empty(needed, np.uint32), np.empty(needed, np.float32), np.empty(3)
        stack = np.empty(volume if clusters else 0, np.int64)
        for _ in range(count):
            normals(streams[chain], words, momenta)
            uniforms(streams[chain], words, uniform)
            time = step_size * (1 + jitter * (2 * uniform[1] - 1))
            accepted[chain] += trajectory(
                field,
                momenta,
                scratch,
                uniform[0],
                time,
                steps,
                xi,
                kappa,
                coupling,
                strides,
                rows,
                length,
                faces,
            )
            flipped[chain] += cluster_flips(
                field, neighbours, interior, kappa, clusters, cluster_streams[chain : chain + 1], stack
            )
            if flip and uniform[2] < 0.5:
                field *= -1


@njit(parallel=True, cache=True)
def _averages(phi, kappa, coupling, strides, rows, length, faces, magnetisation, identity):
    for chain in prange(phi.shape[0]):
        magnetisation[chain], identity[chain] = means(
            phi[chain], kappa, coupling, strides, rows, length, faces
        )
