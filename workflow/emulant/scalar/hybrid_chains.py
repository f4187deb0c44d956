r"""Many Markov chains of a real field with any action: Hybrid Monte Carlo from the action and its gradient alone.

.. math:: H = \frac{1}{2} \sum_i \pi_i^2 + S(\phi)

(S. Duane et al., Phys. Lett. B 195 (1987) 216), in double precision; compiled kernels of one action are faster.
"""

from typing import Any

import numpy as np

from emulant.lattice.trajectory import Trajectory
from emulant.markov.chains import Averages

__all__ = ["HybridChains", "starts"]

COLD = 0.1
"""Size of cold fields over that of hot ones, which are N(0, 1) at every site: far enough apart to show what is slow."""


class HybridChains:
    """Independent chains (`lattice.trajectory.ScalarChains`) without clusters; the order parameter is the mean of the field.

    Arguments:
        system: with `action` (n,) and `gradient` of arrays.
        fields: start, (chains, *site_shape).
        seed: of all random numbers.
    """

    device, cluster_work = "cpu", 0

    def __init__(self, system: Any, fields: np.ndarray, *, seed: int) -> None:
        self.system, self.seed, self.number = system, seed, 0
        self.phi = fields.astype(np.float64)
        self.volume = int(np.prod(fields.shape[1:]))

    def __len__(self) -> int:
        return len(self.phi)

    @property
    def fields(self) -> np.ndarray:
        """Fields of all chains, a copy in the precision of the file."""
        return self.phi.astype(np.float32)

    def advance(self, update: Trajectory, count: int = 1) -> np.ndarray:
        """Make `count` trajectories; returns the acceptance of each chain, (chains,)."""
        return sum(self._move(update) for _ in range(count)) / count

    def averages(self) -> Averages:
        """Means of phi and of phi dS/dphi over the sites, (chains,) each."""
        virial = self.phi * self.system.gradient(self.phi)
        return Averages(*(part.reshape(len(self), -1).mean(1) for part in (self.phi, virial)))

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {"phi": self.phi.copy(), "number": np.array(self.number)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        self.phi, self.number = state["phi"].copy(), int(state["number"])

    def _move(self, update: Trajectory) -> np.ndarray:
        """Make one trajectory; returns which chains accepted it."""
        generator = np.random.default_rng([self.seed, self.number])
        self.number += 1
        momenta = generator.standard_normal(self.phi.shape)
        jitter = 1 + update.jitter * generator.uniform(-1, 1, len(self))
        step = self._columns(update.step_size * jitter)
        # A trajectory that ran off has an energy that is no number, and is rejected.
        with np.errstate(over="ignore", invalid="ignore"):
            after, ended = self._integrated(momenta, step, update.drifts())
            change = self._energy(after, ended) - self._energy(self.phi, momenta)
        accepted = np.log(generator.random(len(self))) < -change
        self.phi = np.where(self._columns(accepted), after, self.phi)
        return accepted.astype(float)

    def _integrated(
        self, momenta: np.ndarray, step: np.ndarray, drifts: list[float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move fields and momenta along H, a force between two drifts."""
        fields = self.phi + drifts[0] * step * momenta
        for drift in drifts[1:]:
            momenta = momenta - step * self.system.gradient(fields)
            fields = fields + drift * step * momenta
        return fields, momenta

    def _energy(self, fields: np.ndarray, momenta: np.ndarray) -> np.ndarray:
        """H, (chains,)."""
        return 0.5 * (momenta**2).reshape(len(self), -1).sum(1) + self.system.action(fields)

    def _columns(self, numbers: np.ndarray) -> np.ndarray:
        """One number a chain, beside fields."""
        return numbers.reshape(-1, *[1] * (self.phi.ndim - 1))


def starts(
    chains: int, site_shape: tuple[int, ...], generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw fields (chains, *site_shape), hot and cold in turn, and say which are hot."""
    hot = np.arange(chains) % 2 == 0
    width = np.where(hot, 1.0, COLD).reshape(-1, *[1] * len(site_shape))
    return width * generator.standard_normal((chains, *site_shape)), hot
