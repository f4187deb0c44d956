"""Samplers: independent pairs, at the values of the conditions in turn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.provenance import provenance
from emulant.systems.linear_response.system import RESPONSE, LinearResponse

__all__ = ["samplers"]


def sample_exact(
    system: LinearResponse,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Write independent pairs and the width of the noise of each."""
    generator, count = np.random.default_rng(seed), settings["samples"]
    widths = settings.get("conditions", {}).get("width", [system.width])
    width = np.resize(widths, count)
    inputs = generator.standard_normal((count, 2))
    outputs = inputs @ RESPONSE[:, None] + width[:, None] * generator.standard_normal((count, 1))
    attributes = provenance(system=system.kind, parameters=system.parameters, sampler="exact", seed=seed)
    with PairsWriter(
        path, (2,), (1,), attributes=attributes, conditions={"width": ("float64", ())}
    ) as writer:
        writer.append(Pairs(inputs.astype(np.float32), outputs.astype(np.float32), {"width": width}))
    return {"sampler": "exact", "samples": count, "tau_int": 0.5, "equilibrated": True}


samplers = {"exact": sample_exact}
