"""Many Markov chains of dual variables: worms, plaquettes and lines, and steps of l."""

from typing import NamedTuple

import numpy as np

from emulant.errors import InputError
from emulant.markov.chains import Averages
from emulant.randomness import streams as lanes
from emulant.randomness.xorshift import streams
from emulant.worldlines.action import BoseGas
from emulant.worldlines.dual import LARGEST, Dual, DualWeights, half_occupation
from emulant.worldlines.loop_moves import sweep_loops
from emulant.worldlines.worm import advance

__all__ = ["DualChains", "DualMoves", "starts", "worms_of"]

SITES = 16
"""Sites for each worm of an update: a sweep of plaquettes and lines costs as much as a few worms."""


def worms_of(gas: BoseGas) -> int:
    """Count the worms of an update."""
    return -(-gas.volume // SITES)


class DualMoves(NamedTuple):
    """One update, which ends with a step of every l.

    Attributes:
        worms: number.
        loops: sweeps of plaquettes and lines.
    """

    worms: int = 0
    loops: int = 0


class DualChains:
    """Independent chains (`markov.chains.MarkovChains`).

    The order parameter is s / 2 + k in time, a site: charges that wind around the torus are slow, and where there are
    none the occupation still tells chains apart. The identity is that of pairs, which another mass or coupling breaks.

    Arguments:
        dual: start, each (chains, d, *shape).
        weights: of the field.
        seed: of all random numbers.
    """

    device = "cpu"

    def __init__(self, dual: Dual, weights: DualWeights, *, seed: int) -> None:
        self.weights, gas = weights, weights.gas
        flat = (len(dual.flux), gas.dimension, gas.volume)
        self.flux, self.pairs = (np.array(part, np.int64, order="C").reshape(flat) for part in dual)
        self.occupation = half_occupation(dual).reshape(len(self), gas.volume)
        sequences = np.random.SeedSequence(seed).spawn(2)
        self.streams, self.coins = lanes.seeded(sequences[0], len(self)), streams(sequences[1], len(self))

    def __len__(self) -> int:
        return len(self.flux)

    @property
    def dual(self) -> Dual:
        """The integers, each (chains, d, *shape), a view."""
        gas = self.weights.gas
        shape = (len(self), gas.dimension, *gas.shape)
        return Dual(self.flux.reshape(shape), self.pairs.reshape(shape))

    @property
    def fields(self) -> np.ndarray:
        """Configurations (chains, 2d, *shape) int8.

        Raises:
            InputError: where an integer is too large for it.
        """
        whole = np.concatenate(self.dual, 1)
        if np.abs(whole).max() > LARGEST:
            raise InputError("system", "mu", f"integers up to {LARGEST} on a link", int(np.abs(whole).max()))
        return whole.astype(np.int8)

    def advance(self, update: DualMoves, count: int = 1) -> np.ndarray:
        """Make `count` updates; returns the accepted part of plaquettes and lines, ones without them, (chains,)."""
        gas, ratio = self.weights.gas, self.weights.ratio
        ahead, behind = gas.neighbours
        tilt, accepted = gas.hops[0], np.zeros(len(self))
        shape = np.array(gas.shape)
        measured = np.empty((len(self), 1, 3))
        for _ in range(count):
            for _ in range(update.loops):
                integers = (self.flux, self.pairs, self.occupation)
                accepted += sweep_loops(*integers, ratio, ahead, tilt, shape, self.coins)
            advance(
                *(self.flux, self.pairs, self.occupation, ratio, ahead, behind, tilt, self.streams),
                *(update.worms, 0, measured),
            )
        return accepted / (count * update.loops) if update.loops else np.ones(len(self))

    def averages(self) -> Averages:
        """Order parameter and violation of the identity of each chain, each (chains,)."""
        order = self.occupation.mean(1) + self.flux[:, -1].mean(1)
        return Averages(order, self.weights.pair_balance(self.dual))

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        names = ("flux", "pairs", "occupation", "streams", "coins")
        return {name: array.copy() for name, array in zip(names, self._arrays(), strict=True)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        for array, values in zip(self._arrays(), state.values(), strict=True):
            array[...] = values

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self.flux, self.pairs, self.occupation, self.streams, self.coins


def starts(shape: tuple[int, ...], chains: int, generator: np.random.Generator) -> tuple[Dual, np.ndarray]:
    """Draw starts, in turn hot, lines of 0 to 2 units of charge and pairs by chance, and cold, empty; and which are hot."""
    hot = np.arange(chains) % 2 == 0
    flux, pairs = np.zeros((2, chains, len(shape), *shape), np.int64)
    lines = generator.integers(0, 3, (chains, *shape[:-1], 1))
    flux[hot, -1] = np.broadcast_to(lines, (chains, *shape))[hot]
    pairs[hot] = generator.integers(0, 2, pairs.shape)[hot]
    return Dual(flux, pairs), hot
