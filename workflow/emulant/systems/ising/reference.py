"""Samplers of the Ising model: heat bath with or without clusters, of triangles too, Metropolis, exact configurations."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.forms.independent import write_exact
from emulant.markov.chains import FixedUpdate
from emulant.markov.driver import equilibrium
from emulant.markov.thermalisation import Gate
from emulant.spins.spin_chains import TRIANGLES, SpinChains, SpinMoves, starts
from emulant.spins.transfer_matrix import TransferMatrix
from emulant.storage.provenance import provenance
from emulant.systems.ising.system import Ising

__all__ = ["samplers"]

CHUNK = 4096
"""Exact configurations in memory at once; part of the order in which random numbers are drawn."""
CHAINS = 256
"""Chains run at once where the configuration does not say: enough for the evidence of equilibrium."""
WARM_UP = 20
"""Updates before the first test: away from the critical point a hot start loses its energy in a few."""
CLUSTERS = 4
"""Single clusters of an update: at the critical point of 16 x 16 each turns half of the sites."""


def sample_wolff(system: Ising, path: Path, *, settings: Mapping[str, Any], **run: Any) -> dict[str, Any]:
    """Write configurations in equilibrium by heat bath and single clusters; returns the diagnostics."""
    moves = SpinMoves(heat_bath=1, clusters=settings.get("clusters", CLUSTERS))
    return _sampled(system, path, "wolff", moves, settings, **run)


def sample_heat_bath(system: Ising, path: Path, *, settings: Mapping[str, Any], **run: Any) -> dict[str, Any]:
    """Write configurations in equilibrium by heat bath alone; returns the diagnostics.

    Raises:
        NotEquilibrated: where hot chains keep domain walls that cold ones do not have, as below T_c.
    """
    return _sampled(system, path, "heat_bath", SpinMoves(heat_bath=1), settings, **run)


def sample_metropolis(
    system: Ising, path: Path, *, settings: Mapping[str, Any], **run: Any
) -> dict[str, Any]:
    """Write configurations in equilibrium by flips of single spins, as the field's comparisons do."""
    return _sampled(system, path, "metropolis", SpinMoves(metropolis=1), settings, **run)


def sample_triangles(system: Ising, path: Path, *, settings: Mapping[str, Any], **run: Any) -> dict[str, Any]:
    """Write configurations of a triangular antiferromagnet by heat bath and clusters of triangles; returns the diagnostics.

    Raises:
        InputError: for another lattice or sign.
    """
    if system.lattice != "triangular" or system.bond >= 0:
        expected = "triangular with a negative coupling for the sampler triangles"
        raise InputError("system", "lattice, coupling", expected, (system.lattice, system.coupling))
    return _sampled(system, path, "triangles", TRIANGLES, settings, **run)


def _sampled(
    system: Ising,
    path: Path,
    sampler: str,
    moves: SpinMoves,
    settings: Mapping[str, Any],
    *,
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    generator, chains = np.random.default_rng(seed), settings.get("chains", CHAINS)
    aligned = system.bond >= 0
    spins, hot = starts(system.site_shape, system.lattice, chains, aligned=aligned, generator=generator)
    record = equilibrium(
        path,
        provenance(system=system.kind, parameters=system.parameters, sampler=sampler, seed=seed),
        SpinChains(spins, system.bond, system.lattice, seed=int(generator.integers(2**62))),
        hot,
        FixedUpdate(moves, warm_up=WARM_UP),
        samples=settings["samples"],
        checkpoint=checkpoint,
        gate=Gate(identity=0.0),
        label=sampler,
        moves=list(moves),
    )
    return {"sampler": sampler, **moves._asdict(), **record}


def sample_exact(
    system: Ising,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path | None = None,
    threads: int = 1,
) -> dict[str, Any]:
    """Write independent exact configurations; a restart takes seconds. Returns the diagnostics.

    Raises:
        InputError: where a row is too wide for the transfer matrix.
    """
    law = TransferMatrix(system.bond, system.site_shape, system.lattice)

    def draw(turn: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        return law.sample(len(turn), generator).spins

    return write_exact(system, path, draw, settings=settings, seed=seed, chunk=CHUNK, dtype=system.dtype)


samplers = {
    "wolff": sample_wolff,
    "heat_bath": sample_heat_bath,
    "metropolis": sample_metropolis,
    "triangles": sample_triangles,
    "exact": sample_exact,
}
