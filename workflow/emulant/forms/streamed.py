"""Samplers that generate one piece after the other in this process: all of them straight to a file, or shards in pieces."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from emulant.contracts.form import Form
from emulant.errors import InputError
from emulant.forms.sharded import Sharded
from emulant.storage.pieces import FIRST_SAMPLE, STAMP, Piece, stamp_of

__all__ = ["Chunk", "Streamed"]


class Chunk(NamedTuple):
    """Some samples of a piece.

    Attributes:
        samples: as the writer of their form takes them.
        facts: of each sample by name, (n, ...), where samples do not carry them.
    """

    samples: Any
    facts: Mapping[str, np.ndarray] = {}


Generate = Callable[[Any, Piece, Mapping[str, Any], int], Iterator[Chunk]]


@dataclass(frozen=True)
class Streamed(Sharded):
    """A sampler whose plain call writes no pieces; one that was killed begins again.

    Arguments:
        generate: (system, piece, settings, seed) -> chunks of the samples of a piece.
        label: of the progress bar.
    """

    generate: Generate
    label: str

    def __call__(
        self,
        system: Any,
        path: Path,
        *,
        settings: Mapping[str, Any],
        seed: int,
        checkpoint: Path,
        threads: int = 1,
    ) -> dict[str, Any]:
        """Write all samples; returns the diagnostics."""
        pieces = self._pieces(checkpoint, settings, range(settings["samples"]))
        with self._bar(pieces) as bar:
            chunks = (
                chunk for piece in pieces for chunk in self._generated(system, piece, settings, seed, bar)
            )
            _write(self.form, path, self.attributes(system, settings, seed), chunks)
        return self.record(system, path, settings)

    def make(
        self,
        system: Any,
        pieces: Sequence[Piece],
        attributes: dict[str, Any],
        *,
        settings: Mapping[str, Any],
        seed: int,
        threads: int = 1,
    ) -> None:
        """Write each piece whose file is not whole or belongs to another run."""
        stamp = stamp_of(attributes, settings)
        missing = [piece for piece in pieces if not _is_made(self.form, piece, stamp)]
        with self._bar(missing) as bar:
            for piece in missing:
                described = attributes | {FIRST_SAMPLE: piece.first, STAMP: stamp}
                _write(self.form, piece.path, described, self._generated(system, piece, settings, seed, bar))

    def _bar(self, pieces: Sequence[Piece]) -> Any:
        return tqdm(total=sum(piece.count for piece in pieces), desc=self.label, mininterval=2)

    def _generated(
        self, system: Any, piece: Piece, settings: Mapping[str, Any], seed: int, bar: Any
    ) -> Iterator[Chunk]:
        """Chunks of a piece, after which the bar moves."""
        yield from self.generate(system, piece, settings, seed)
        bar.update(piece.count)


def _write(form: Form, path: Path, attributes: dict[str, Any], chunks: Iterable[Chunk]) -> None:
    """Write chunks, of which there is one at least, to a file that appears whole."""
    chunks = iter(chunks)
    first = next(chunks)
    with form.writer(path, attributes, first.samples, facts=first.facts) as writer:
        for chunk in chain([first], chunks):
            writer.append(chunk.samples, facts=chunk.facts)


def _is_made(form: Form, piece: Piece, stamp: str) -> bool:
    """Whether the file of a piece is whole and has this stamp."""
    if not piece.path.exists():
        return False
    try:
        with form.open(piece.path) as samples:
            return samples.attributes.get(STAMP) == stamp and len(samples) == piece.count
    except InputError:
        return False
