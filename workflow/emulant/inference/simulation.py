"""Pairs of an observation and the parameters that it was simulated with, drawn from a prior, in pieces."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from emulant.contracts.system import HasPrior, System
from emulant.storage.pairs import Pairs
from emulant.storage.pieces import Piece
from emulant.storage.provenance import provenance

__all__ = ["HasSimulator", "attributes_of", "record_of", "simulated"]


class HasSimulator(HasPrior, System, Protocol):
    """A system whose observations can be simulated."""

    def simulate(self, parameters: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Simulate an observation of each of parameters (n, d), (n, *input_shape)."""


def simulated(system: HasSimulator, piece: Piece, settings: Mapping[str, Any], seed: int) -> Iterator[Pairs]:
    """Simulate the pairs of a piece; each has random numbers of its own, whatever the piece."""
    for number in range(piece.first, piece.first + piece.count):
        generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
        parameters = system.prior.sample(1, generator)
        observation = system.simulate(parameters, generator)
        yield Pairs(observation.astype(np.float32), parameters.astype(np.float32))


def attributes_of(system: HasSimulator, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Write down where the pairs come from."""
    return provenance(
        system=system.kind, parameters=system.parameters, sampler=settings["sampler"], seed=seed
    )


def record_of(system: HasSimulator, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Diagnostics: pairs are independent."""
    return {
        "sampler": settings["sampler"],
        "samples": settings["samples"],
        "tau_int": 0.5,
        "equilibrated": True,
    }
