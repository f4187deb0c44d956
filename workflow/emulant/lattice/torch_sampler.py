"""Hybrid Monte Carlo of many chains in torch, on any device, with Swendsen-Wang clusters.

Chains are the last axis, (*shape, chains): neighbours are slices of contiguous memory, and every operation is on all
chains at once. Fields are float32, energies double.
"""

import math

import numpy as np
import torch
from torch import Tensor

from emulant.lattice.torch_cluster import cluster_signs
from emulant.lattice.trajectory import Trajectory
from emulant.markov.chains import Averages

__all__ = ["TorchChains"]


class TorchChains:
    """Independent chains of the action (K); the interface is `emulant.lattice.trajectory.ScalarChains`.

    Arguments:
        shape: lattice shape, any dimension.
        kappa: hopping parameter.
        coupling: lambda.
        fields: start, (chains, *shape).
        seed: of all random numbers.
        dtype: of the fields; energies are always double.
        device: as torch names it.
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
        device: str = "cpu",
    ) -> None:
        self.device = device
        self.shape, self.kappa, self.coupling = tuple(shape), float(kappa), float(coupling)
        self.axes = tuple(range(len(self.shape)))
        start = torch.as_tensor(np.moveaxis(fields, 0, -1).copy(), dtype=getattr(torch, dtype))
        self.phi = start.contiguous().to(self.device)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.double = torch.empty(2, *self.phi.shape, dtype=torch.float64, device=self.device)
        self.cluster_work = 0

    def __len__(self) -> int:
        return self.phi.shape[-1]

    @property
    def volume(self) -> int:
        """Number of sites."""
        return math.prod(self.shape)

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, (chains, *shape), a copy."""
        return np.ascontiguousarray(self.phi.movedim(-1, 0).cpu().numpy())

    def advance(self, trajectory: Trajectory, count: int = 1) -> np.ndarray:
        """`count` trajectories, each with its clusters and flip; returns the acceptance of each chain, (chains,)."""
        accepted = torch.zeros(len(self), device=self.device)
        for _ in range(count):
            uniforms = self._uniforms(3, len(self))
            accepted += self._hybrid(trajectory, uniforms[0], uniforms[1])
            for _ in range(trajectory.clusters if self.kappa > 0 else 0):
                self._flip_clusters()
            if trajectory.flip:
                self.phi *= torch.where(uniforms[2] < 0.5, -1.0, 1.0).to(self.phi.dtype)
        return accepted.cpu().numpy().astype(np.float64) / count

    def averages(self) -> Averages:
        """M and phi dS/dphi per site of each chain, each (chains,)."""
        fourth = (self.phi.double() ** 4).sum(self.axes)
        identity = (2 * self._action() + 2 * self.coupling * fourth) / self.volume
        return Averages(self.phi.double().mean(self.axes).cpu().numpy(), identity.cpu().numpy())

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {"phi": self.phi.cpu().numpy().copy(), "generator": self.generator.get_state().numpy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        self.phi.copy_(torch.as_tensor(state["phi"]))
        self.generator.set_state(torch.as_tensor(state["generator"]))

    def _uniforms(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator, dtype=torch.float64, device=self.device)

    def _hybrid(self, trajectory: Trajectory, uniform: Tensor, jitter: Tensor) -> Tensor:
        """One trajectory with its Metropolis step; which chains accepted it, (chains,)."""
        momentum = torch.empty_like(self.phi).normal_(generator=self.generator)
        before, start = self._action() + _kinetic(momentum), self.phi.clone()
        size = trajectory.step_size * (1 + trajectory.jitter * (2 * jitter - 1))
        self._integrate(momentum, size.to(self.phi.dtype), trajectory.drifts())
        accept = uniform < torch.exp(before - self._action() - _kinetic(momentum))
        self.phi = torch.where(accept, self.phi, start)
        return accept

    def _integrate(self, momentum: Tensor, size: Tensor, drifts: list[float]) -> None:
        """Move field and momentum in place; `size` (chains,) is the advance of time with each force."""
        force, mass = torch.empty_like(self.phi), self.phi.new_tensor(4 * self.coupling - 2)
        self.phi.addcmul_(momentum, size, value=drifts[0])
        for drift in drifts[1:]:
            torch.addcmul(mass, self.phi, self.phi, value=-4 * self.coupling, out=force).mul_(self.phi)
            for axis in self.axes:
                _add_neighbours(force, self.phi, axis, 2 * self.kappa)
            momentum.addcmul_(force, size)
            self.phi.addcmul_(momentum, size, value=drift)

    def _action(self) -> Tensor:
        """S of each chain in double precision, (chains,).

        The sum over sites of phi_x [(1 - 2 lambda + lambda phi_x^2) phi_x - 2 kappa sum_mu phi_{x+mu}].
        """
        phi, density = self.double
        phi.copy_(self.phi)
        torch.mul(phi, phi, out=density)
        density.mul_(self.coupling).add_(1 - 2 * self.coupling).mul_(phi)
        for axis in self.axes:
            _add_neighbours(density, phi, axis, -2 * self.kappa, both=False)
        return density.mul_(phi).sum(self.axes)

    def _flip_clusters(self) -> None:
        signs = cluster_signs(self.phi, self.kappa, self.generator)
        self.phi *= signs
        self.cluster_work += int((signs < 0).sum())


def _add_neighbours(total: Tensor, phi: Tensor, axis: int, factor: float, *, both: bool = True) -> None:
    """Add `factor` times the next periodic neighbour along `axis`, or both neighbours, in place."""
    last = phi.shape[axis] - 1
    ahead, behind = ((0, 1, last), (last, 0, 1)), ((1, 0, last), (0, last, 1))
    for to, at, length in (*ahead, *behind) if both else ahead:
        total.narrow(axis, to, length).add_(phi.narrow(axis, at, length), alpha=factor)


def _kinetic(momentum: Tensor) -> Tensor:
    return (momentum.double() ** 2).flatten(0, -2).sum(0) / 2
