"""Independent exact samples, streamed to an ensemble of fields."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance

__all__ = ["Draw", "sample_exact", "write_exact"]

CHUNK = 1 << 18
"""Samples in memory at once; part of the order in which random numbers are drawn."""


class Known(Protocol):
    """A system whose parameters and shape an ensemble records."""

    kind: str
    site_shape: tuple[int, ...]
    parameters: dict[str, Any]


class Exact(Known, Protocol):
    """A system that draws from its own law."""

    def sample(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """Draw independent exact samples, (count, *site_shape)."""


class Draw(Protocol):
    """What draws exact samples where conditions change from row to row."""

    def __call__(self, turn: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draw samples (N, *site_shape), row i from the law at the conditions of number turn[i]; `turn` is (N,)."""


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

    def draw(turn: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        return system.sample(len(turn), generator).astype(np.float32)

    return write_exact(system, path, draw, settings=settings, seed=seed, chunk=CHUNK) | {"acceptance": 1.0}


def write_exact(
    system: Known,
    path: Path,
    draw: Draw,
    *,
    settings: Mapping[str, Any],
    seed: int,
    chunk: int,
    dtype: str = "float32",
) -> dict[str, Any]:
    """Write independent exact samples, `chunk` of them at a time; returns the diagnostics.

    With conditions, successive samples take them in turn, and the file has the condition of each.
    """
    conditions = {name: np.array(values) for name, values in settings.get("conditions", {}).items()}
    states = max(map(len, conditions.values()), default=1)
    parameters = system.parameters | settings.get("conditions", {})
    attributes = provenance(system=system.kind, parameters=parameters, sampler="exact", seed=seed)
    generator, count = np.random.default_rng(seed), settings["samples"]
    facts = dict.fromkeys(conditions, ("float64", ()))
    with EnsembleWriter(path, system.site_shape, attributes=attributes, dtype=dtype, facts=facts) as writer:
        for first in range(0, count, chunk):
            turn = np.arange(first, min(first + chunk, count)) % states
            samples = draw(turn, generator)
            writer.append(samples, facts={name: values[turn] for name, values in conditions.items()})
    return {"sampler": "exact", "samples": count, "tau_int": 0.5, "equilibrated": True}
