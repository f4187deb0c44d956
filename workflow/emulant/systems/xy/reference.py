"""Samplers of the XY model: heat bath and over-relaxation, with or without clusters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.markov.chains import FixedUpdate
from emulant.markov.driver import equilibrium
from emulant.markov.thermalisation import Gate
from emulant.spins.angle_chains import AngleChains, AngleMoves, starts
from emulant.storage.provenance import provenance
from emulant.systems.xy.system import XY

__all__ = ["samplers"]

CHAINS = 256
"""Chains run at once where the configuration does not say: enough for the evidence of equilibrium."""
WARM_UP = 20
"""Updates before the first test: a hot start loses most of its energy in a few."""


def sample_wolff(system: XY, path: Path, *, settings: Mapping[str, Any], **run: Any) -> dict[str, Any]:
    """Write configurations in equilibrium by heat bath, over-relaxation and clusters; returns the diagnostics."""
    moves = AngleMoves(1, settings.get("over_relaxation", 1), settings.get("clusters", 4))
    return _sampled(system, path, "wolff", moves, settings, **run)


def sample_heat_bath(system: XY, path: Path, *, settings: Mapping[str, Any], **run: Any) -> dict[str, Any]:
    """Write configurations in equilibrium by heat bath and over-relaxation; returns the diagnostics."""
    moves = AngleMoves(1, settings.get("over_relaxation", 4))
    return _sampled(system, path, "heat_bath", moves, settings, **run)


def _sampled(
    system: XY,
    path: Path,
    sampler: str,
    moves: AngleMoves,
    settings: Mapping[str, Any],
    *,
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    angles, hot = starts(system.site_shape, settings.get("chains", CHAINS), generator)
    record = equilibrium(
        path,
        provenance(system=system.kind, parameters=system.parameters, sampler=sampler, seed=seed),
        AngleChains(angles, system.beta, seed=int(generator.integers(2**62))),
        hot,
        FixedUpdate(moves, warm_up=WARM_UP),
        samples=settings["samples"],
        checkpoint=checkpoint,
        gate=Gate(identity=0.0),
        label=sampler,
        moves=list(moves),
    )
    return {"sampler": sampler, **moves._asdict(), **record}


samplers = {"wolff": sample_wolff, "heat_bath": sample_heat_bath}
