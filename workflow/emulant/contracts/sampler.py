"""The contract of a sampler: what draws the reference of a system, in one job or in shards."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

__all__ = ["Sampler", "ShardedSampler"]


class Sampler(Protocol):
    """What makes a trusted ensemble."""

    def __call__(
        self,
        system: Any,
        path: Path,
        *,
        settings: Mapping[str, Any],
        seed: int,
        checkpoint: Path,
        threads: int,
    ) -> dict[str, Any]:
        """Write the ensemble to `path`; returns its diagnostics (JSON), of which `tau_int` enters its price."""


@runtime_checkable
class ShardedSampler(Protocol):
    """A sampler whose samples may be made in shards, each a job of its own; also a `Sampler`.

    What is made does not depend on the size of the shards. A killed shard goes on where it was.
    """

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

    def merge(
        self, system: Any, path: Path, shards: Sequence[Path], *, settings: Mapping[str, Any], seed: int
    ) -> dict[str, Any]:
        """Put all shards together: the same file and diagnostics as a call makes.

        Raises:
            InputError: where shards do not belong together, or samples are missing or there twice.
        """
