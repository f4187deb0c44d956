"""The reference ensembles of a scalar field: equilibrated Hybrid Monte Carlo, and the published quench."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from emulant.lattice.sampler import LEAPFROG, Chains, Trajectory
from emulant.lattice.thermalisation import starts, thermalise
from emulant.lattice.tuning import tune
from emulant.storage.atomic import atomic_path
from emulant.storage.ensemble import EnsembleWriter

__all__ = ["equilibrium", "quench"]

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
) -> dict[str, Any]:
    """Write `samples` configurations of the equilibrium ensemble to `path`; returns the diagnostics.

    Half of the chains start hot, half cold. Step size and length are tuned, trajectories are thrown away until hot
    and cold agree (`thermalise`, which raises NotEquilibrated), then every `thin`-th trajectory is kept, thin about
    2 tau_int(abs M). A kill costs at most a few sweeps: the stream goes on from `checkpoint`.
    """
    generator = np.random.default_rng(seed)
    fields, hot = starts(generator, chains, shape, kappa, coupling)
    stream = Chains(shape, kappa, coupling, fields, seed=int(generator.integers(2**62)))
    stamp = _stamp(attributes, chains, clusters)
    saved = _load(checkpoint, stamp)
    if saved is None:
        saved = {
            "diagnostics": _prepare(stream, hot, clusters, patience),
            "rows": 0,
            "accepted": 0.0,
            "sweeps": 0,
        }
    else:
        stream.restore(saved.pop("state"))
    diagnostics, accepted, sweeps = saved["diagnostics"], saved["accepted"], saved["sweeps"]
    trajectory = Trajectory(**diagnostics["trajectory"])
    attributes = {**attributes, "equilibrated": True}
    partial = {"partial": checkpoint.with_suffix(".rows"), "rows": saved["rows"]}
    with (
        EnsembleWriter(path, shape, attributes=attributes, chain=True, **partial) as writer,
        tqdm(total=samples, initial=saved["rows"], desc="HMC", unit="cfg", mininterval=2) as bar,
    ):
        while writer.rows < samples:
            accepted += float(stream.advance(trajectory, diagnostics["thin"]).mean())
            sweeps += 1
            keep = min(chains, samples - writer.rows)
            writer.append(stream.fields[:keep], chain=np.arange(keep))
            bar.update(keep)
            if sweeps % CHECKPOINT_EVERY == 0:
                writer.flush()
                counts = {"rows": writer.rows, "accepted": accepted, "sweeps": sweeps}
                _save(checkpoint, stamp, stream, {"diagnostics": diagnostics, **counts})
    checkpoint.unlink(missing_ok=True)
    return {**diagnostics, "acceptance": accepted / sweeps}


def quench(
    path: Path,
    attributes: dict[str, Any],
    *,
    shape: tuple[int, ...],
    kappa: float,
    coupling: float,
    samples: int,
    seed: int,
    trajectories: int = 129,
    steps: int = 20,
    batch: int = 1024,
) -> dict[str, Any]:
    """The recipe behind the talk's table: each configuration is its own chain of unit trajectories from N(0, 1).

    It is not an equilibrium ensemble (domain walls survive), and is labelled so. The published leapfrog takes 100
    steps; `steps` may be fewer as long as the acceptance stays near one.
    """
    trajectory = Trajectory(steps, 1.0 / steps, jitter=0.0, clusters=0, flip=False, xi=LEAPFROG)
    attributes = {**attributes, "equilibrated": False}
    acceptance, done = 0.0, 0
    seeds = np.random.SeedSequence(seed)
    with (
        EnsembleWriter(path, shape, attributes=attributes, chain=True) as writer,
        tqdm(total=samples, desc="quench", unit="cfg", mininterval=2) as bar,
    ):
        while done < samples:
            count = min(batch, samples - done)
            generator = np.random.default_rng(seeds.spawn(1)[0])
            start = generator.standard_normal((count, *shape), dtype=np.float32)
            stream = Chains(shape, kappa, coupling, start, seed=int(generator.integers(2**62)))
            acceptance += count * float(stream.advance(trajectory, trajectories).mean())
            writer.append(stream.fields, chain=np.arange(done, done + count))
            done += count
            bar.update(count)
    record = {"trajectories": trajectories, "steps": steps, "acceptance": acceptance / samples}
    return {"equilibrated": False, **record}


def _prepare(stream: Chains, hot: np.ndarray, clusters: int, patience: int) -> dict[str, Any]:
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


def _stamp(attributes: dict[str, Any], *numbers: int) -> str:
    """Everything that must be equal for a checkpoint to be continued: system, seed, sources, chains."""
    kept = {key: attributes[key] for key in ("system", "parameters", "sampler", "seed")}
    return json.dumps([kept, attributes["code_version"].split(" commit")[0], numbers], sort_keys=True)


def _save(checkpoint: Path, stamp: str, stream: Chains, record: dict[str, Any]) -> None:
    text = json.dumps({"stamp": stamp, **record})
    with atomic_path(checkpoint) as temporary, temporary.open("wb") as file:
        np.savez(file, record=np.frombuffer(text.encode(), np.uint8), **stream.state())


def _load(checkpoint: Path, stamp: str) -> dict[str, Any] | None:
    """The checkpoint of this very job, or None."""
    if not checkpoint.exists():
        return None
    try:
        with np.load(checkpoint, allow_pickle=False) as file:
            record = json.loads(file["record"].tobytes().decode())
            state = {key: file[key] for key in file.files if key != "record"}
    except (OSError, ValueError, KeyError):
        return None
    if record.pop("stamp", None) != stamp:
        return None
    return {**record, "state": state}
