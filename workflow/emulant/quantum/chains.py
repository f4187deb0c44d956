"""Many Markov chains of closed paths: Hybrid Monte Carlo in Fourier modes."""

import numpy as np
import torch

from emulant.markov.chains import Averages
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.hybrid import HybridMoves

__all__ = ["PathChains", "starts"]

HOT, COLD = 1.5, 0.3
"""Sizes of the Gaussian paths of the starts: hot ones have twice the energy, cold ones hardly leave their well."""


class PathChains:
    """Independent chains (`markov.chains.MarkovChains`); the order parameter is the mean of x^2 over the path.

    Arguments:
        paths: start, (chains, N).
        system: with action and gradient.
        start: the Gaussian whose modes are the metric of the momenta.
        seed: of all random numbers.
    """

    device = "cpu"

    def __init__(self, paths: np.ndarray, system: object, start: GaussianStart, *, seed: int) -> None:
        self.system, self.moves = system, HybridMoves(start, system.action, system.gradient)
        self.paths, self.seed, self.number = paths.astype(np.float64), seed, 0

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def fields(self) -> np.ndarray:
        """Paths of all chains, (chains, N), a copy in the precision of the file."""
        return self.paths.astype(np.float32)

    def advance(self, update: None = None, count: int = 1) -> np.ndarray:
        """Make `count` trajectories, and turn each path over by chance; returns the acceptance of each chain, (chains,)."""
        accepted = np.zeros(len(self))
        for _ in range(count):
            seeds = np.random.SeedSequence([self.seed, self.number]).generate_state(2, np.uint64) >> 2
            moved = self.moves(self.paths, 1.0, int(seeds[0]))
            accepted += (moved != self.paths).any(1)
            self.paths = self._turned(moved, int(seeds[1]))
            self.number += 1
        return accepted / count

    def averages(self) -> Averages:
        """Mean of x^2 and of x dS/dx over each path, (chains,) each."""
        virial = (self.paths * self.system.gradient(self.paths)).mean(1)
        return Averages((self.paths**2).mean(1), virial)

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {"paths": self.paths.copy(), "number": np.array(self.number)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        self.paths, self.number = state["paths"].copy(), int(state["number"])

    def _turned(self, paths: np.ndarray, seed: int) -> np.ndarray:
        """Change the sign of each path by chance, where that leaves the action alone."""
        if not self.system.potential.even:
            return paths
        upright = np.random.default_rng(seed).random(len(paths)) < 0.5
        return np.where(upright[:, None], paths, -paths)


def starts(
    start: GaussianStart, chains: int, minima: np.ndarray, generator: torch.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw paths (chains, N), in turn hot, wide about all wells, and cold, in one of them, and say which are hot."""
    noise, hot = start.sample(chains, generator).double().numpy(), np.arange(chains) % 2 == 0
    well = minima[np.arange(chains) // 2 % len(minima)][:, None]
    return np.where(hot[:, None], minima.mean() + HOT * noise, well + COLD * noise), hot
