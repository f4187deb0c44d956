"""Independent exact samples, streamed to an ensemble of fields."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance

__all__ = ["sample_exact"]

CHUNK = 1 << 18
"""Samples in memory at once; part of the order in which random numbers are drawn."""


class Exact(Protocol):
    """A system that draws from its own law."""

    kind: str
    site_shape: tuple[int, ...]
    parameters: dict[str, Any]

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, (count, *site_shape)."""


def sample_exact(
    system: Exact,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path | None = None,
    threads: int = 1,
) -> dict[str, Any]:
    """Write independent exact samples; a sampler as in `contracts.sampler`, whose restart takes seconds."""
    attributes = provenance(
        system=system.kind, parameters=system.parameters, sampler="exact", seed=seed, device="cpu"
    )
    generator, count = np.random.default_rng(seed), settings["samples"]
    with EnsembleWriter(path, system.site_shape, attributes=attributes) as writer:
        for start in range(0, count, CHUNK):
            writer.append(system.sample(min(CHUNK, count - start), generator).astype(np.float32))
    return {"sampler": "exact", "samples": count, "tau_int": 0.5, "acceptance": 1.0, "equilibrated": True}
