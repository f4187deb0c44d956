"""Pairs of an observation and the parameters that it was simulated with, drawn from a prior, in pieces."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from emulant.contracts.system import HasPrior, System
from emulant.errors import InputError
from emulant.storage.pairs import Pairs, open_pairs
from emulant.storage.pieces import Piece
from emulant.storage.provenance import provenance

__all__ = ["HasSimulator", "Unsimulated", "attributes_of", "record_of", "simulated"]

ATTEMPTS = 10
"""Parameters that are drawn of one pair: a prior of which so many in a row fail is no prior of this simulator."""


class Unsimulated(RuntimeError):
    """An observation that could not be made at these parameters, and why."""


class HasSimulator(HasPrior, System, Protocol):
    """A system whose observations can be simulated."""

    def simulate(self, parameters: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Simulate an observation of each of parameters (n, d), (n, *input_shape)."""


def simulated(system: HasSimulator, piece: Piece, settings: Mapping[str, Any], seed: int) -> Iterator[Pairs]:
    """Simulate the pairs of a piece; each has random numbers of its own, whatever the piece.

    Raises:
        InputError: naming the pair and its parameters where no observation could be made; with `failures: redraw` in the
            settings after ATTEMPTS of them.
    """
    attempts = ATTEMPTS if settings.get("failures") == "redraw" else 1
    for number in range(piece.first, piece.first + piece.count):
        yield _pair(system, number, _generator(seed, number), attempts)


def _generator(seed: int, number: int) -> np.random.Generator:
    """Random numbers of one pair."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))


def _pair(system: HasSimulator, number: int, generator: np.random.Generator, attempts: int) -> Pairs:
    """Simulate one pair, at other parameters where these fail and attempts are left."""
    parameters = system.prior.sample(1, generator)
    try:
        observation = system.simulate(parameters, generator)
    except Unsimulated as failure:
        if attempts > 1:
            return _pair(system, number, generator, attempts - 1)
        drawn = ", ".join(
            f"{name} = {value:.4g}" for name, value in zip(system.prior.names, parameters[0], strict=True)
        )
        expected = "a prior at which every observation can be made, or `failures: redraw` of the reference"
        raise InputError("system", "prior", expected, f"{failure}, at pair {number}, {drawn}") from None
    return Pairs(observation.astype(np.float32), parameters.astype(np.float32))


def attributes_of(system: HasSimulator, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Write down where the pairs come from."""
    return provenance(
        system=system.kind, parameters=system.parameters, sampler=settings["sampler"], seed=seed
    )


def record_of(system: HasSimulator, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Diagnostics: pairs are independent; those whose first parameters failed are listed."""
    record = {
        "sampler": settings["sampler"],
        "samples": settings["samples"],
        "tau_int": 0.5,
        "equilibrated": True,
    }
    return record | ({"redrawn": _redrawn(system, path)} if settings.get("failures") == "redraw" else {})


def _redrawn(system: HasSimulator, path: Path) -> list[int]:
    """Numbers of the pairs that do not have the parameters that were drawn first."""
    with open_pairs(path) as file:
        outputs, seed = file.read().outputs, int(file.attributes["seed"])
    first = np.concatenate([system.prior.sample(1, _generator(seed, n)) for n in range(len(outputs))])
    return np.flatnonzero((outputs != first.astype(np.float32)).any(axis=1)).tolist()
