"""Samplers that make their samples in pieces, in one job or in shards: the same bytes either way.

A shard is a range of samples: the pieces that it covers are made beside the checkpoint, each whole or not at all, and
joined when all are there; a killed job makes those that are missing. A piece that an edge of the shard cuts is made
whole, and kept as far as it lies in the shard.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulant.contracts.declaration import declared_form
from emulant.contracts.form import Form
from emulant.storage.pieces import FIRST_SAMPLE, Piece, pieces_of

__all__ = ["InPieces", "Sharded"]

ALIKE = ("system", "sampler", "parameters", "seed")
"""Attributes in which the shards of one sample agree; pieces may differ in the last two."""

Attributes = Callable[[Any, Mapping[str, Any], int], dict[str, Any]]
Make = Callable[..., None]
Record = Callable[[Any, Path, Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Sharded(ABC):
    """A sampler as `contracts.sampler.Sampler` and `ShardedSampler` ask for.

    Arguments:
        form: of the samples.
        size: samples of a piece.
        attributes: (system, settings, seed) -> provenance of the whole.
        record: (system, path, settings) -> diagnostics; raises InputError where the whole is not what it claims to be.
    """

    form: Form
    size: int
    attributes: Attributes
    record: Record

    @abstractmethod
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
        """Write each piece that is not at its path yet, whole or not at all; raises InputError where some cannot be made."""

    @abstractmethod
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

    def shard(
        self,
        system: Any,
        path: Path,
        *,
        settings: Mapping[str, Any],
        seed: int,
        checkpoint: Path,
        shard: int,
        size: int,
        threads: int = 1,
    ) -> None:
        """Write shard number `shard`, of `size` samples, of what a call makes."""
        samples = range(settings["samples"])[shard * size : (shard + 1) * size]
        attributes, pieces = (
            self.attributes(system, settings, seed),
            self._pieces(checkpoint, settings, samples),
        )
        self.make(system, pieces, attributes, settings=settings, seed=seed, threads=threads)
        self._join(path, pieces, attributes | {FIRST_SAMPLE: samples.start})

    def merge(
        self, system: Any, path: Path, shards: Sequence[Path], *, settings: Mapping[str, Any], seed: int
    ) -> dict[str, Any]:
        """Put all shards together: the same file and diagnostics as a call makes."""
        attributes = self.attributes(system, settings, seed)
        self.form.merge(path, shards, attributes, samples=settings["samples"], alike=ALIKE)
        return self.record(system, path, settings)

    def _pieces(self, checkpoint: Path, settings: Mapping[str, Any], samples: range) -> list[Piece]:
        folder = checkpoint.with_suffix("")
        return pieces_of(
            folder, settings["samples"], self.size, declared_form(self.form.name)["suffix"], samples
        )

    def _join(self, path: Path, pieces: Sequence[Piece], attributes: dict[str, Any]) -> None:
        """Put pieces together and remove them with all that lies beside them."""
        count = sum(piece.count for piece in pieces)
        paths = [piece.path for piece in pieces]
        self.form.merge(path, paths, attributes, samples=count, alike=("system", "sampler"))
        for piece in pieces:
            for file in piece.path.parent.glob(f"{piece.path.stem}.*"):
                file.unlink()


@dataclass(frozen=True)
class InPieces(Sharded):
    """A sampler that makes pieces also where no shards are asked for, as what it calls writes files.

    Arguments:
        make_pieces: `Sharded.make` without self.
    """

    make_pieces: Make

    def make(self, system: Any, pieces: Sequence[Piece], attributes: dict[str, Any], **job: Any) -> None:
        """Write each piece that is not at its path yet."""
        self.make_pieces(system, pieces, attributes, **job)

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
        """Make all pieces and join them; returns the diagnostics."""
        attributes = self.attributes(system, settings, seed)
        pieces = self._pieces(checkpoint, settings, range(settings["samples"]))
        self.make(system, pieces, attributes, settings=settings, seed=seed, threads=threads)
        self._join(path, pieces, attributes)
        return self.record(system, path, settings)
