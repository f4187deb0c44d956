"""Samplers of closed paths: independent exact ones, and Hybrid Monte Carlo."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from emulant.errors import InputError
from emulant.forms.independent import write_exact
from emulant.markov.chains import FixedUpdate
from emulant.markov.driver import equilibrium
from emulant.quantum.chains import PathChains, starts
from emulant.quantum.exact_sampler import RESOLUTION, exact_paths
from emulant.quantum.transfer_matrix import TransferMatrix
from emulant.storage.provenance import provenance
from emulant.systems.quantum_path.system import QuantumPath
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["samplers"]

CHUNK = 4096
"""Exact paths in memory at once; part of the order in which random numbers are drawn."""
CHAINS = 256
"""Chains run at once where the configuration does not say: enough for the evidence of equilibrium."""
WARM_UP = 40
"""Trajectories before the first test: in the metric of the modes each forgets most of where it began."""


def sample_exact(
    system: QuantumPath,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path | None = None,
    threads: int = 1,
) -> dict[str, Any]:
    """Write independent exact paths; a restart takes seconds. Returns the diagnostics."""
    conditions = settings.get("conditions", {})
    systems = [system.at({"temperature": t}) for t in conditions["temperature"]] if conditions else [system]
    matrices = [
        TransferMatrix(each.potential, each.mass, each.spacing, each.site_shape[0], RESOLUTION)
        for each in systems
    ]

    def draw(turn: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        paths = np.empty((len(turn), *system.site_shape), np.float32)
        for number in np.unique(turn):
            rows = turn == number
            paths[rows] = exact_paths(matrices[number], int(rows.sum()), generator)
        return paths

    return write_exact(system, path, draw, settings=settings, seed=seed, chunk=CHUNK)


def sample_hmc(
    system: QuantumPath,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Write paths in equilibrium by Hybrid Monte Carlo in Fourier modes; returns the diagnostics.

    Raises:
        NotEquilibrated: where hot and cold chains do not agree, as in wells that are deep and far apart.
        InputError: for conditions.
    """
    if "conditions" in settings:
        expected = "the sampler exact, as chains have one temperature"
        raise InputError("experiment", "conditions", expected, "hmc")
    start = GaussianStart(torch.from_numpy(system.nearest.inverse_power))
    generator = torch.Generator().manual_seed(seed)
    paths, hot = starts(start, settings.get("chains", CHAINS), system.potential.minima(), generator)
    record = equilibrium(
        path,
        provenance(system=system.kind, parameters=system.parameters, sampler="hmc", seed=seed),
        PathChains(paths, system, start, seed=seed),
        hot,
        FixedUpdate(warm_up=WARM_UP),
        samples=settings["samples"],
        checkpoint=checkpoint,
        label="HMC",
    )
    return {"sampler": "hmc", **record}


samplers = {"exact": sample_exact, "hmc": sample_hmc}
