"""Samplers of the complex scalar field in dual variables: worms, or plaquettes and lines alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.markov.chains import FixedUpdate
from emulant.markov.driver import equilibrium, prepare
from emulant.markov.thermalisation import Gate
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.systems.complex_scalar.system import ComplexScalar
from emulant.worldlines.chains import DualChains, DualMoves, starts, worms_of

__all__ = ["samplers"]

CHAINS = 256
"""Chains run at once where the configuration does not say: enough for the evidence of equilibrium."""
WARM_UP = 20
"""Updates before the first test: a hot start loses its charges in a few."""
GATE = Gate(identity=0.0)


def sample_worm(
    system: ComplexScalar, path: Path, *, settings: Mapping[str, Any], **run: Any
) -> dict[str, Any]:
    """Write configurations in equilibrium by worms, plaquettes and lines; returns the diagnostics."""
    worms = settings.get("worms", worms_of(system.gas))
    moves = DualMoves(worms=worms, loops=settings.get("loops", 2))
    return _sampled(system, path, "worm", moves, settings, **run)


def sample_loops(
    system: ComplexScalar, path: Path, *, settings: Mapping[str, Any], **run: Any
) -> dict[str, Any]:
    """Write configurations in equilibrium by plaquettes and lines alone; returns the diagnostics.

    Raises:
        NotEquilibrated: where lines are hardly ever accepted, as on a lattice long in time.
    """
    return _sampled(system, path, "loops", DualMoves(loops=1), settings, **run)


def _sampled(
    system: ComplexScalar,
    path: Path,
    sampler: str,
    moves: DualMoves,
    settings: Mapping[str, Any],
    *,
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    generator, count = np.random.default_rng(seed), settings.get("chains", CHAINS)
    if conditions := settings.get("conditions", {}):
        record = _in_turn(system, path, sampler, moves, settings["samples"], conditions["mu"], count, seed)
        return {"sampler": sampler, **moves._asdict(), **record}
    chains, hot = _begun(system, count, generator)
    record = equilibrium(
        path,
        provenance(system=system.kind, parameters=system.parameters, sampler=sampler, seed=seed),
        chains,
        hot,
        FixedUpdate(moves, warm_up=WARM_UP),
        samples=settings["samples"],
        checkpoint=checkpoint,
        gate=GATE,
        label=sampler,
        moves=list(moves),
    )
    return {"sampler": sampler, **moves._asdict(), **record}


def _in_turn(
    system: ComplexScalar,
    path: Path,
    sampler: str,
    moves: DualMoves,
    samples: int,
    mus: list[float],
    count: int,
    seed: int,
) -> dict[str, Any]:
    """Write configurations that take chemical potentials in turn, each from chains of its own; a restart begins again."""
    generator = np.random.default_rng(seed)
    several = [_begun(system.at({"mu": mu}), count, generator) for mu in mus]
    records = [prepare(chains, hot, FixedUpdate(moves, warm_up=WARM_UP), GATE)[1] for chains, hot in several]
    thin = max(record["thin"] for record in records)
    parameters = system.parameters | {"mu": mus}
    attributes = provenance(system=system.kind, parameters=parameters, sampler=sampler, seed=seed)
    number, turn = np.divmod(np.arange(count * len(mus)), len(mus))
    columns = {"mu": np.array(mus)[turn]}
    writer = EnsembleWriter(
        path,
        system.site_shape,
        attributes=attributes | {"equilibrated": True},
        dtype=system.dtype,
        chain=True,
        facts={"mu": ("float64", ())},
    )
    with writer:
        for first in range(0, samples, count * len(mus)):
            rows = slice(0, min(count * len(mus), samples - first))
            for chains, _ in several:
                chains.advance(moves, thin)
            fields = np.stack([chains.fields for chains, _ in several], 1).reshape(-1, *system.site_shape)
            chain = (number * len(mus) + turn)[rows].astype(np.int32)
            writer.append(fields[rows], chain=chain, facts={"mu": columns["mu"][rows]})
    return {"equilibrated": True, "thin": thin, "chains": count * len(mus), "of_each": records}


def _begun(
    system: ComplexScalar, count: int, generator: np.random.Generator
) -> tuple[DualChains, np.ndarray]:
    """Chains from hot and cold starts, and which are hot."""
    dual, hot = starts(system.gas.shape, count, generator)
    return DualChains(dual, system.weights, seed=int(generator.integers(2**62))), hot


samplers = {"worm": sample_worm, "loops": sample_loops}
