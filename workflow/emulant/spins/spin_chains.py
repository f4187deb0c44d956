"""Many Markov chains of spins +-1."""

from typing import NamedTuple

import numpy as np

from emulant.markov.chains import Averages
from emulant.randomness.xorshift import streams
from emulant.spins.bonds import neighbour_sum, neighbours, ordered, update_order
from emulant.spins.spin_moves import advance

__all__ = ["TRIANGLES", "SpinChains", "SpinMoves", "callen", "moves_of", "starts"]


class SpinMoves(NamedTuple):
    """One update.

    Attributes:
        heat_bath: sweeps, one colour of sites after the other.
        metropolis: sweeps of proposed flips at random sites.
        clusters: single clusters.
        triangles: divisions of a triangular antiferromagnet into clusters, of which every other one flips.
    """

    heat_bath: int = 0
    metropolis: int = 0
    clusters: int = 0
    triangles: int = 0


TRIANGLES = SpinMoves(heat_bath=1, triangles=8)
"""One update of a triangular antiferromagnet: 25 us at 12 x 12, where most stripes have melted after 300 of them."""
CLUSTERS = SpinMoves(heat_bath=1, clusters=4)
"""One update elsewhere: near K_c each forgets the last."""


def moves_of(coupling: float, lattice: str) -> SpinMoves:
    """Choose the update that moves fastest: clusters of equal spins, or divisions of a frustrated lattice."""
    return TRIANGLES if lattice == "triangular" and coupling < 0 else CLUSTERS


class SpinChains:
    """Independent chains with S = -K sum s s' (`markov.chains.MarkovChains`).

    The order parameter is the magnetisation, of an antiferromagnet the mean of s s' over the bonds in rows: all ground
    states of the triangular one have the same energy, but stripes, a trap of local moves, are told by their direction.

    Arguments:
        spins: start, (chains, L_y, L_x).
        coupling: K = beta J.
        lattice: square or triangular.
        seed: of all random numbers.
    """

    device = "cpu"

    def __init__(self, spins: np.ndarray, coupling: float, lattice: str, *, seed: int) -> None:
        self.spins, self.coupling, self.lattice = spins.astype(np.int8), float(coupling), lattice
        self.streams = streams(np.random.SeedSequence(seed), len(spins))
        shape = spins.shape[1:]
        self.tables = (neighbours(shape, lattice), update_order(shape, lattice))

    def __len__(self) -> int:
        return len(self.spins)

    @property
    def fields(self) -> np.ndarray:
        """Configurations of all chains, (chains, L_y, L_x) int8, a copy."""
        return self.spins.copy()

    def advance(self, update: SpinMoves, count: int = 1) -> np.ndarray:
        """Make `count` updates; returns the acceptance of Metropolis of each chain, 1 where there is none, (chains,)."""
        accepted = np.zeros(len(self))
        flat = self.spins.reshape(len(self), -1)
        advance(flat, self.streams, count, tuple(update), self.coupling, *self.tables, accepted)
        return accepted / count

    def averages(self) -> Averages:
        """Order parameter and the violation of Callen's identity of each chain, each (chains,)."""
        aligned = self.coupling >= 0
        order = (self.spins if aligned else self.spins * np.roll(self.spins, 1, 2)).mean((1, 2))
        return Averages(order, callen(self.spins, self.coupling, self.lattice))

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""
        return {"spins": self.spins.copy(), "streams": self.streams.copy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""
        self.spins[...], self.streams[...] = state["spins"], state["streams"]


def callen(spins: np.ndarray, coupling: float, lattice: str) -> np.ndarray:
    """Compute the violation of <g s> = <g tanh(K h)>, h the sum of the neighbours, a mean over sites, (N,).

    H. B. Callen, Phys. Lett. 4 (1963) 161, for g = h + the spins two steps away: any function of the other spins will do,
    and with h alone nothing but rare excitations would be left of it in the ground states of a frustrated lattice.
    """
    local = neighbour_sum(spins, lattice)
    weight = local + neighbour_sum(spins, lattice, 2)
    return (weight * (spins - np.tanh(coupling * local))).mean((1, 2))


def starts(
    shape: tuple[int, ...], lattice: str, chains: int, *, aligned: bool, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw spins (chains, *shape), in turn hot, random, and cold, a ground state of either sign; and which are hot."""
    number = np.arange(chains)
    hot = number % 2 == 0
    spins = generator.choice(np.array([-1, 1], np.int8), (chains, *shape))
    signs = np.where(number % 4 == 1, 1, -1).astype(np.int8)
    spins[~hot] = (signs[:, None, None] * ordered(shape, lattice, aligned))[~hot]
    return spins, hot
