"""Many Markov chains of the XY model."""

import math
from typing import NamedTuple

import numpy as np

from emulant.markov.chains import Averages
from emulant.randomness.xorshift import streams
from emulant.spins.angle_moves import advance
from emulant.spins.angles import schwinger_dyson
from emulant.spins.bonds import neighbours, update_order

__all__ = ["CLUSTERS", "AngleChains", "AngleMoves", "starts"]

WIDTH = 0.1
"""Of the angles of a cold start about their mean, in radians."""


class AngleMoves(NamedTuple):
    """One update.

    Attributes:
        heat_bath: sweeps.
        over_relaxation: sweeps.
        clusters: single clusters.
    """

    heat_bath: int = 0
    over_relaxation: int = 0
    clusters: int = 0


CLUSTERS = AngleMoves(heat_bath=1, over_relaxation=1, clusters=4)
"""One update that forgets long waves as well as short ones."""


class AngleChains:
    """Independent chains (`markov.chains.MarkovChains`); the order parameter is the modulus of the magnetisation.

    Arguments:
        angles: start, (chains, L_y, L_x).
        beta: inverse temperature.
        seed: of all random numbers.
    """

    device = "cpu"

    def __init__(self, angles: np.ndarray, beta: float, *, seed: int) -> None:
        self.angles, self.beta = np.array(angles, np.float64, order="C"), float(beta)
        self.streams = streams(np.random.SeedSequence(seed), len(angles))
        shape = angles.shape[1:]
        self.tables = (neighbours(shape, "square"), update_order(shape, "square"))

    def __len__(self) -> int:
        return len(self.angles)

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, (chains, L_y, L_x) in [-pi, pi), a copy."""
        return self.angles.copy()

    def advance(self, update: AngleMoves, count: int = 1) -> np.ndarray:
        """Make `count` updates, none of which is rejected: ones, (chains,)."""
        flat = self.angles.reshape(len(self), -1)
        advance(flat, self.streams, count, tuple(update), self.beta, *self.tables)
        return np.ones(len(self))

    def averages(self) -> Averages:
        """Modulus of the magnetisation and violation of the Schwinger-Dyson identity of each chain, each (chains,)."""
        order = np.abs(np.exp(1j * self.angles).mean((1, 2)))
        return Averages(order, schwinger_dyson(self.angles, self.beta))

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {"angles": self.angles.copy(), "streams": self.streams.copy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        self.angles[...], self.streams[...] = state["angles"], state["streams"]


def starts(
    shape: tuple[int, ...], chains: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw angles (chains, *shape), in turn hot, uniform, and cold, near 0; returns them and which are hot."""
    angles, hot = math.pi * (2 * generator.random((chains, *shape)) - 1), np.arange(chains) % 2 == 0
    angles[~hot] *= WIDTH / math.pi
    return angles, hot
