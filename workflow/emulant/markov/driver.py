"""An equilibrium ensemble of Markov chains: tuned, thermalised, and streamed so that a kill costs little."""

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from emulant.markov.chains import MarkovChains, Strategy
from emulant.markov.checkpoint import Checkpoint
from emulant.markov.thermalisation import Gate, NotEquilibrated, thermalise, unmoved
from emulant.storage.ensemble import EnsembleWriter

__all__ = ["equilibrium", "prepare"]

CHECKPOINT_EVERY = 64
"""Sweeps between checkpoints: some seconds of work, against milliseconds for writing one."""
THINNEST = 20
"""Largest number of updates between configurations that are kept: further apart, samples cost more than they add."""


def equilibrium(
    path: Path,
    attributes: dict[str, Any],
    chains: MarkovChains,
    hot: np.ndarray,
    strategy: Strategy,
    *,
    samples: int,
    checkpoint: Path,
    gate: Gate | None = None,
    patience: int = 6,
    label: str = "Markov chains",
    **settings: Any,
) -> dict[str, Any]:
    """Write `samples` configurations of the equilibrium ensemble to `path`; returns the diagnostics.

    The update is chosen by `strategy`, updates are thrown away until hot and cold chains agree (`thermalise`, which
    raises NotEquilibrated), then the chains are kept after every `thin` updates, thin about 2 tau_int of the order
    parameter's size. Nothing is written where a chain did not move. A kill costs at most CHECKPOINT_EVERY sweeps: the
    stream goes on from `checkpoint`.

    Arguments:
        path: the ensemble.
        attributes: its provenance.
        chains: from hot and cold starts.
        hot: which of them started hot, (chains,) bool.
        strategy: chooses the update.
        samples: configurations to keep.
        checkpoint: file from which a killed run goes on.
        gate: the evidence that is asked for.
        patience: blocks after which chains that do not agree are given up.
        label: of the progress bar.
        settings: on which the chains depend beside the attributes; another run's checkpoint differs in them.
    """
    attributes = {**attributes, "equilibrated": True, "device": chains.device}
    settings |= {"samples": samples, "chains": len(chains), "device": chains.device}
    progress = Checkpoint(checkpoint, attributes, **settings)
    if (saved := progress.load()) is None:
        record = {"rows": 0, "accepted": 0.0, "sweeps": 0, "of_each": [0.0] * len(chains)}
        update, record["diagnostics"] = prepare(chains, hot, strategy, gate, patience)
    else:
        record, update = saved.record, strategy.recall(saved.record["diagnostics"])
        chains.restore(saved.state)
    start = chains.fields
    stream = {"partial": progress.rows, "rows": record["rows"], "dtype": start.dtype.name}
    with (
        EnsembleWriter(path, start.shape[1:], attributes=attributes, chain=True, **stream) as writer,
        tqdm(total=samples, initial=writer.rows, desc=label, unit="cfg", mininterval=2) as bar,
    ):
        while writer.rows < samples:
            bar.update(_keep_sweep(writer, chains, update, record, samples))
            if record["sweeps"] % CHECKPOINT_EVERY == 0:
                writer.flush()
                progress.save({**record, "stream": writer.stream.vouch()}, chains.state())
        _check_moved(record)
    progress.remove()
    return {**record["diagnostics"], "acceptance": record["accepted"] / record["sweeps"]}


def prepare(
    chains: MarkovChains, hot: np.ndarray, strategy: Strategy, gate: Gate | None = None, patience: int = 6
) -> tuple[Any, dict[str, Any]]:
    """Tune and thermalise; returns the update and the diagnostics of chains that are ready to be kept."""
    update, record = strategy.choose(chains)
    evidence, tau = thermalise(chains, update, hot, gate=gate, patience=patience)
    return update, {
        "equilibrated": True,
        **record,
        "thermalisation": evidence,
        "tau_int_trajectories": tau,
        "thin": int(np.clip(np.ceil(2 * tau), 1, THINNEST)),
        "chains": len(chains),
    }


def _keep_sweep(
    writer: EnsembleWriter, chains: MarkovChains, update: Any, record: dict[str, Any], samples: int
) -> int:
    """Advance the chains by `thin` updates and append them to `writer`; `record` counts along."""
    accepted = chains.advance(update, record["diagnostics"]["thin"])
    record["accepted"] += float(accepted.mean())
    record["of_each"] = (np.array(record["of_each"]) + accepted).tolist()
    record["sweeps"] += 1
    count = min(len(chains), samples - writer.rows)
    writer.append(chains.fields[:count], chain=np.arange(count))
    record["rows"] = writer.rows
    return count


def _check_moved(record: dict[str, Any]) -> None:
    """Raise NotEquilibrated where a chain never moved while it was kept."""
    acceptance = np.array(record["of_each"]) / record["sweeps"]
    updates = record["sweeps"] * record["diagnostics"]["thin"]
    if still := unmoved(acceptance, updates):
        raise NotEquilibrated(
            f"chains that move in {updates} updates", f"{still} of {len(acceptance)} that never did"
        )
