"""Observables of chains while they move: no configuration is kept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from emulant.lattice.fields import Fields
from emulant.lattice.trajectory import MarkovChains, Trajectory
from emulant.observables import Observable
from emulant.statistics.jackknife import BlockSums, jackknife, jackknife_error

__all__ = ["OnTheFly"]


class Value(NamedTuple):
    """An observable's values, errors and jackknife samples: (indices,), (indices,), (blocks, indices)."""

    value: np.ndarray
    error: np.ndarray
    samples: np.ndarray


class OnTheFly:
    """Sums of the primaries of some observables, chain by chain.

    Arguments:
        observables: to be measured.
        system: knows the action and its gradient.
        shape: lattice shape.

    Attributes:
        sweeps: how often `follow` has added all chains.
    """

    def __init__(self, observables: Sequence[Observable], system: object, shape: tuple[int, ...]) -> None:
        self.observables, self.system, self.shape = list(observables), system, tuple(shape)
        self.sums: BlockSums | None = None
        self.columns: dict[str, slice] = {}
        self.sweeps = 0

    def add(self, fields: np.ndarray, block: np.ndarray) -> None:
        """Add configurations (n, *shape) with their block numbers (n,)."""
        shared = Fields(fields, self.system)
        primaries = [observable.primaries(shared) for observable in self.observables]
        if self.sums is None:
            ends = np.cumsum([part.shape[1] for part in primaries])
            self.sums = BlockSums(ends[-1])
            places = zip(ends - [part.shape[1] for part in primaries], ends, strict=True)
            names = (observable.name for observable in self.observables)
            self.columns = {name: slice(*place) for name, place in zip(names, places, strict=True)}
        self.sums.add(block, np.hstack(primaries))

    def follow(self, chains: MarkovChains, trajectory: Trajectory, *, sweeps: int, thin: int = 1) -> None:
        """Add every chain after each `thin` trajectories, `sweeps` times; chains are the blocks."""
        for _ in range(sweeps):
            chains.advance(trajectory, thin)
            self.add(chains.fields, np.arange(len(chains)))
            self.sweeps += 1

    def values(self) -> dict[str, Value]:
        """Each observable by name; errors by the jackknife over blocks, whatever the autocorrelation within."""
        found = {}
        for observable in self.observables:
            columns = self.columns[observable.name]
            value, samples = jackknife(
                self.sums, lambda m, o=observable, c=columns: o.value(m[..., c], self.shape)
            )
            found[observable.name] = Value(value, jackknife_error(samples), samples)
        return found
