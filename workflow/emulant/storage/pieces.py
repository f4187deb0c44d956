"""Numbered pieces of a sample: which a range of samples covers, what each is given, and whether it is made.

A piece has random numbers of its own, by its number alone, so that samples do not depend on how they are shared out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["FIRST_SAMPLE", "STAMP", "Piece", "condition_of", "pieces_of", "stamp_of"]

FIRST_SAMPLE = "first_sample"
"""Attribute of a part: the number of its first sample in the whole."""
STAMP = "stamp"
"""Attribute of a piece: what it depends on."""


@dataclass(frozen=True)
class Piece:
    """A part of a sample with random numbers of its own.

    Attributes:
        number: of the piece in the whole sample, whatever the shards.
        path: of its file.
        first: number of the first sample in its file.
        count: samples in its file.
        skip: samples before these, which the piece makes too but another shard keeps.
    """

    number: int
    path: Path
    first: int
    count: int
    skip: int = 0

    def generator(self, seed: int) -> np.random.Generator:
        """Return random numbers of this piece, the same whatever the shards."""
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(self.number,)))


def pieces_of(
    folder: str | Path, total: int, size: int, suffix: str, samples: range | None = None
) -> list[Piece]:
    """List the pieces of `size` samples that make `total`, or those that the range `samples` of it covers.

    Each has a file in `folder`; a piece that two ranges cut has a file in either.
    """
    samples, pieces = samples or range(total), []
    for number in range(samples.start // size, -(-samples.stop // size)):
        begin, end = number * size, min((number + 1) * size, total)
        first, last = max(begin, samples.start), min(end, samples.stop)
        cut = "" if (first, last) == (begin, end) else f"_{first - begin}_{last - begin}"
        path = Path(folder) / f"{number:05d}{cut}.{suffix}"
        pieces.append(Piece(number, path, first, last - first, first - begin))
    return pieces


def condition_of(settings: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return the values of settings["conditions"] that piece `number` has: all combinations take turns."""
    conditions = settings.get("conditions", {})
    combinations = list(product(*conditions.values()))
    return dict(zip(conditions, combinations[number % len(combinations)], strict=True))


def stamp_of(attributes: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return one line of all that a piece depends on but its number: law, sampler, seed, sources, settings."""
    law = {name: attributes[name] for name in ("system", "parameters", "sampler", "seed")}
    sources = attributes["code_version"].split(" commit")[0]
    rest = {name: value for name, value in settings.items() if name != "samples"}
    return json.dumps([law, sources, rest], sort_keys=True)
