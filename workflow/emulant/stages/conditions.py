"""Conditions of samples that were drawn at several values of the system's parameters: columns of their file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from emulant.contracts.declaration import declared_system
from emulant.contracts.form import Ensemble
from emulant.contracts.system import HasConditions, System

__all__ = ["Part", "conditions_in", "parts_of"]


@dataclass(frozen=True)
class Part:
    """Those samples of an open file that were drawn under one condition.

    Attributes:
        ensemble: the file.
        system: under this condition.
        rows: which samples, (N,) bool; None for all.
        label: the condition in words, empty where there is one alone.
    """

    ensemble: Ensemble
    system: System
    rows: np.ndarray | None = None
    label: str = ""

    @property
    def site_shape(self) -> tuple[int, ...]:
        """Of a sample."""
        return self.ensemble.site_shape

    @property
    def rows_per_chunk(self) -> int:
        """Samples of the file that are read at a time."""
        return self.ensemble.rows_per_chunk

    @property
    def chain(self) -> np.ndarray | None:
        """Number of the Markov chain of each sample, (n,); None where they are independent."""
        chain = self.ensemble.chain
        return chain if chain is None or self.rows is None else chain[self.rows]

    def chunks(self, size: int) -> Iterator[Any]:
        """Read the samples of this part from `size` of the file at a time."""
        first = 0
        for samples in self.ensemble.chunks(size):
            count, first = len(samples), first + len(samples)
            yield samples if self.rows is None else samples[self.rows[first - count : first]]


def conditions_in(ensemble: Ensemble, system: System) -> dict[str, np.ndarray]:
    """Return the columns of a file that are conditions of its system, (N,) each; some samples carry theirs instead."""
    if not isinstance(system, HasConditions):
        return {}
    names = declared_system(system.kind)["conditions"]
    return {name: ensemble.facts[name][:] for name in names if name in ensemble.facts}


def parts_of(ensemble: Ensemble, system: System) -> Iterator[Part]:
    """Yield the samples under each condition; all, where the file has no conditions."""
    columns = conditions_in(ensemble, system)
    if not columns:
        yield Part(ensemble, system)
        return
    values, number = np.unique(np.stack([*columns.values()], 1), axis=0, return_inverse=True)
    for k, row in enumerate(values.tolist()):
        condition = dict(zip(columns, row, strict=True))
        label = "".join(f" at {name} = {value:g}" for name, value in condition.items())
        yield Part(ensemble, system.at(condition), number == k, label)
