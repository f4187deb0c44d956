"""The reference ensembles of a scalar field: equilibrated Hybrid Monte Carlo, and the published quench."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from emulant.lattice.action import schwinger_dyson
from emulant.lattice.sampler import Chains, Trajectory
from emulant.lattice.thermalisation import Evidence, NotEquilibrated, weigh
from emulant.lattice.tuning import tune
from emulant.statistics.autocorrelation import integrated_time
from emulant.storage.atomic import atomic_path
from emulant.storage.ensemble import EnsembleWriter

__all__ = ["equilibrium", "quench"]

BLOCK = 40


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

    Half of the chains start hot, half ordered. Blocks of trajectories are thrown away, each twice as long as the
    last, until hot and cold agree (`thermalisation.weigh`); after `patience` blocks the job stops with
    NotEquilibrated. Then every `thin`-th trajectory is kept, thin about 2 tau_int(abs M). A kill costs at most a
    few sweeps: the stream goes on from `checkpoint`.
    """
    generator = np.random.default_rng(seed)
    fields = generator.standard_normal((chains, *shape)).astype(np.float32)
    hot = np.arange(chains) % 2 == 0
    fields[~hot] = 0.1 * fields[~hot] + _ordered_field(kappa, coupling, len(shape)) * np.where(
        np.arange(chains)[~hot] % 4 == 1, 1.0, -1.0
    ).reshape(-1, *[1] * len(shape))
    stream = Chains(shape, kappa, coupling, fields, seed=int(generator.integers(2**62)))
    stamp = _stamp(attributes, chains, clusters)
    saved = _load(checkpoint, stamp)
    if saved is None:
        stream.advance(Trajectory(20, 0.05, clusters=clusters), 20)
        trajectory, tuning = tune(stream, clusters=clusters)
        evidence, tau, thrown = _thermalise(stream, trajectory, hot, patience)
        diagnostics = {
            "equilibrated": True,
            "trajectory": asdict(trajectory),
            "tuning": tuning,
            "thermalisation": {"trajectories": thrown, **asdict(evidence)},
            "tau_int_trajectories": tau,
            "thin": int(np.clip(np.ceil(2 * tau), 1, 20)),
            "chains": chains,
        }
        rows, accepted, sweeps = 0, 0.0, 0
    else:
        stream.restore(saved["state"])
        diagnostics, rows = saved["diagnostics"], saved["rows"]
        accepted, sweeps = saved["accepted"], saved["sweeps"]
    trajectory = Trajectory(**diagnostics["trajectory"])
    attributes = {**attributes, "equilibrated": True}
    partial = checkpoint.with_suffix(".rows")
    with (
        EnsembleWriter(path, shape, attributes=attributes, chain=True, partial=partial, rows=rows) as writer,
        tqdm(total=samples, initial=rows, desc="HMC", unit="cfg", mininterval=2) as bar,
    ):
        while writer.rows < samples:
            accepted += float(stream.advance(trajectory, diagnostics["thin"]).mean())
            sweeps += 1
            keep = min(chains, samples - writer.rows)
            writer.append(stream.fields[:keep], chain=np.arange(keep))
            bar.update(keep)
            if sweeps % 64 == 0:
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
    trajectory = Trajectory(steps, 1.0 / steps, jitter=0.0, clusters=0)
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
            start = generator.standard_normal((count, *shape)).astype(np.float32)
            stream = Chains(shape, kappa, coupling, start, seed=int(generator.integers(2**62)))
            acceptance += count * float(stream.advance(trajectory, trajectories).mean())
            writer.append(stream.fields, chain=np.arange(done, done + count))
            done += count
            bar.update(count)
    return {
        "equilibrated": False,
        "acceptance": acceptance / samples,
        "trajectories": trajectories,
        "steps": steps,
    }


def _ordered_field(kappa: float, coupling: float, dimension: int) -> float:
    """Classical minimum of the action, or 0 in the symmetric phase."""
    mass = 2 * dimension * kappa - 1 + 2 * coupling
    return float(np.sqrt(mass / (2 * coupling))) if coupling > 0 and mass > 0 else 0.0


def _thermalise(
    stream: Chains, trajectory: Trajectory, hot: np.ndarray, patience: int
) -> tuple[Evidence, float, int]:
    length, thrown = BLOCK, 0
    for _ in range(patience):
        magnetisation, identity = np.empty((2, len(hot), length))
        for n in range(length):
            stream.advance(trajectory)
            fields = stream.fields
            magnetisation[:, n] = fields.reshape(len(fields), -1).mean(1, dtype=np.float64)
            identity[:, n] = schwinger_dyson(fields, stream.kappa, stream.coupling)
        thrown += length
        evidence = weigh(magnetisation, identity, hot)
        if evidence.accepted:
            return evidence, float(integrated_time(np.abs(magnetisation))[0]), thrown
        length *= 2
    raise NotEquilibrated(f"after {thrown} trajectories hot and cold starts still disagree: {evidence}")


def _stamp(attributes: dict[str, Any], *numbers: int) -> str:
    """Everything that must be equal for a checkpoint to be continued: system, seed, sources, chains."""
    kept = {key: attributes[key] for key in ("system", "parameters", "sampler", "seed")}
    return json.dumps([kept, attributes["code_version"].split(" commit")[0], numbers], sort_keys=True)


def _save(checkpoint: Path, stamp: str, stream: Chains, record: dict[str, Any]) -> None:
    state = stream.state()
    generator = state.pop("generator")
    text = json.dumps(
        {"stamp": stamp, **record, "generator": generator}, default=lambda array: array.tolist()
    )
    with atomic_path(checkpoint) as temporary, temporary.open("wb") as file:
        np.savez(file, record=np.frombuffer(text.encode(), np.uint8), **state)


def _load(checkpoint: Path, stamp: str) -> dict[str, Any] | None:
    """The checkpoint of this very job, or None."""
    if not checkpoint.exists():
        return None
    try:
        with np.load(checkpoint, allow_pickle=False) as file:
            record = json.loads(file["record"].tobytes().decode())
            state = {key: file[key] for key in ("padded", "cluster_state")}
    except (OSError, ValueError, KeyError):
        return None
    if record.get("stamp") != stamp:
        return None
    generator = record.pop("generator")
    generator["state"]["state"] = np.array(generator["state"]["state"], dtype=np.uint64)
    return {**record, "state": {**state, "generator": generator}}
