"""Hybrid Monte Carlo of any system with an action and its gradient, streamed to an ensemble of fields."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.lattice.tuning import HybridMonteCarlo
from emulant.markov.driver import equilibrium
from emulant.scalar.gradient_check import check_gradient
from emulant.scalar.hybrid_chains import HybridChains, starts
from emulant.storage.provenance import provenance

__all__ = ["sample_hybrid"]

CHAINS = 128
"""Chains run at once where the configuration does not say: enough for the evidence of equilibrium, and for vectors."""


def sample_hybrid(
    system: Any,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Write configurations in equilibrium by Hybrid Monte Carlo; a sampler as in `contracts.sampler`.

    Step and length of the trajectories are tuned; hot and cold chains must agree before anything is written.

    Raises:
        InputError: for a gradient that is not the action's.
    """
    generator = np.random.default_rng(seed)
    fields, hot = starts(settings.get("chains", CHAINS), system.site_shape, generator)
    check_gradient(system, fields[0], *generator.spawn(1))
    return equilibrium(
        path,
        provenance(system=system.kind, parameters=system.parameters, sampler="hmc", seed=seed),
        HybridChains(system, fields, seed=int(generator.integers(2**62))),
        hot,
        HybridMonteCarlo(clusters=0),
        samples=settings["samples"],
        checkpoint=checkpoint,
        label="HMC",
    )
