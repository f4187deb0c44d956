"""Observables of chains while they move: no configuration is kept."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from emulant.contracts.observable import Observable
from emulant.contracts.system import System
from emulant.markov.chains import MarkovChains
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
        system: shows configurations as the observables expect them.

    Attributes:
        sweeps: how often `follow` has added all chains.
    """

    def __init__(self, observables: Sequence[Observable], system: System) -> None:
        self.observables, self.system = list(observables), system
        self.sums: BlockSums | None = None
        self.columns: dict[str, slice] = {}
        self.sweeps = 0

    def add(self, fields: np.ndarray, block: np.ndarray) -> None:
        """Add configurations (n, *shape) with their block numbers (n,)."""
        view = self.system.view(fields)
        primaries = [observable.primaries(view) for observable in self.observables]
        if self.sums is None:
            ends = np.cumsum([part.shape[1] for part in primaries])
            self.sums = BlockSums(ends[-1])
            starts = ends - [part.shape[1] for part in primaries]
            names = (observable.name for observable in self.observables)
            self.columns = {name: slice(*edges) for name, *edges in zip(names, starts, ends, strict=True)}
        self.sums.add(block, np.hstack(primaries))

    def follow(self, chains: MarkovChains, update: Any, *, sweeps: int, thin: int = 1) -> None:
        """Add every chain after each `thin` updates, `sweeps` times; chains are the blocks."""
        for _ in range(sweeps):
            chains.advance(update, thin)
            self.add(chains.fields, np.arange(len(chains)))
            self.sweeps += 1

    def values(self) -> dict[str, Value]:
        """Each observable by name; errors by the jackknife over blocks, whatever the autocorrelation within."""
        values = {}
        for observable in self.observables:
            columns = self.columns[observable.name]
            shape = self.system.site_shape
            value, samples = jackknife(
                self.sums, lambda m, o=observable, c=columns, s=shape: o.value(m[..., c], s)
            )
            values[observable.name] = Value(value, jackknife_error(samples), samples)
        return values
