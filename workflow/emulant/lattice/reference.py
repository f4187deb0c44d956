"""The equilibrium ensemble of a scalar field: tuned, thermalised, and streamed so that a kill costs little."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from emulant.lattice.checkpoint import Checkpoint
from emulant.lattice.thermalisation import starts, thermalise
from emulant.lattice.trajectory import MarkovChains, Trajectory, backend
from emulant.lattice.tuning import tune
from emulant.storage.ensemble import EnsembleWriter

__all__ = ["begin", "equilibrium", "prepare"]

WARM_UP = Trajectory(20, 0.05)
CHECKPOINT_EVERY = 64


def equilibrium(
    path: Path,
    attributes: dict[str, Any],
    *,
    shape: tuple[int, ...],
    kappa: float,
    coupling: float,
    samples: int,
    seed: int,
    checkpoint: Path,
    chains: int = 256,
    clusters: int = 1,
    patience: int = 6,
    engine: str = "numba",
) -> dict[str, Any]:
    """Write `samples` configurations of the equilibrium ensemble to `path`; returns the diagnostics.

    Half of the chains start hot, half cold. Step size, length and clusters are tuned, trajectories are thrown away
    until hot and cold agree (`thermalise`, which raises NotEquilibrated), then every `thin`-th trajectory is kept,
    thin about 2 tau_int(abs M). A kill costs at most CHECKPOINT_EVERY sweeps: the stream goes on from `checkpoint`.
    """
    stream, hot = begin(shape, kappa, coupling, chains=chains, seed=seed, engine=engine)
    attributes = {**attributes, "equilibrated": True, "device": stream.device}
    settings = {"samples": samples, "chains": chains, "clusters": clusters, "engine": [engine, stream.device]}
    place = Checkpoint(checkpoint, attributes, **settings)
    if (saved := place.load()) is None:
        record = {"rows": 0, "accepted": 0.0, "sweeps": 0}
        record["diagnostics"] = prepare(stream, hot, clusters, patience)
    else:
        record = saved.record
        stream.restore(saved.state)
    partial = {"partial": place.rows, "rows": record["rows"]}
    with EnsembleWriter(path, shape, attributes=attributes, chain=True, **partial) as writer:
        _collect(writer, stream, record, samples, place)
    place.remove()
    return {**record["diagnostics"], "acceptance": record["accepted"] / record["sweeps"]}


def _collect(
    writer: EnsembleWriter, stream: MarkovChains, record: dict[str, Any], samples: int, place: Checkpoint
) -> None:
    """Append sweeps to `writer` until it has `samples` rows; `record` counts along and is saved at `place`."""
    diagnostics, chains = record["diagnostics"], len(stream)
    trajectory = Trajectory(**diagnostics["trajectory"])
    with tqdm(total=samples, initial=writer.rows, desc="HMC", unit="cfg", mininterval=2) as bar:
        while writer.rows < samples:
            record["accepted"] += float(stream.advance(trajectory, diagnostics["thin"]).mean())
            record["sweeps"] += 1
            keep = min(chains, samples - writer.rows)
            writer.append(stream.fields[:keep], chain=np.arange(keep))
            record["rows"] = writer.rows
            bar.update(keep)
            if record["sweeps"] % CHECKPOINT_EVERY == 0:
                writer.flush()
                place.save({**record, "stream": writer.stream.vouch()}, stream.state())


def begin(
    shape: tuple[int, ...], kappa: float, coupling: float, *, chains: int, seed: int, engine: str = "numba"
) -> tuple[MarkovChains, np.ndarray]:
    """Chains from hot and cold starts, and which of them are hot."""
    generator = np.random.default_rng(seed)
    fields, hot = starts(generator, chains, shape, kappa, coupling)
    return backend(engine)(shape, kappa, coupling, fields, seed=int(generator.integers(2**62))), hot


def prepare(stream: MarkovChains, hot: np.ndarray, clusters: int = 1, patience: int = 6) -> dict[str, Any]:
    """Tune and thermalise; the diagnostics of a stream that is ready to be kept."""
    stream.advance(WARM_UP, WARM_UP.steps)
    trajectory, tuning = tune(stream, clusters=clusters)
    evidence, tau = thermalise(stream, trajectory, hot, patience=patience)
    return {
        "equilibrated": True,
        "trajectory": asdict(trajectory),
        "tuning": tuning,
        "thermalisation": evidence,
        "tau_int_trajectories": tau,
        "thin": int(np.clip(np.ceil(2 * tau), 1, 20)),
        "chains": len(stream),
    }
