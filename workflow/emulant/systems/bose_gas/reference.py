"""Samplers of the Bose gas: complex Langevin at several chemical potentials, with two steps."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from emulant.errors import InputError
from emulant.randomness.seeds import job_seed
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.systems.bose_gas.action import BoseGas
from emulant.systems.bose_gas.langevin import DEFAULT, LangevinRun, langevin
from emulant.systems.bose_gas.system import BoseGasSystem

__all__ = ["samplers"]

# Default Langevin time of a walker: 100 relaxation times 1 / m² of the slowest free mode at m = 1, mu = 0.
TIME = 100.0


def sample_complex_langevin(
    system: BoseGasSystem,
    path: Path,
    *,
    settings: Mapping[str, Any],
    seed: int,
    checkpoint: Path,
    threads: int = 1,
) -> dict[str, Any]:
    """Run complex Langevin at every chemical potential with two steps; return the diagnostics.

    Each configuration is a walker at the end of the run with the shorter step. `averages` in the file are averages of each
    walker over Langevin time, extrapolated to step zero.

    Raises:
        InputError: if fewer than two walkers survive at some chemical potential.
    """
    fields, averages, records = [], [], []
    for gas in tqdm(system.gases, desc="complex Langevin", unit="mu"):
        runs = [
            langevin(
                gas,
                settings["samples"],
                settings.get("langevin_time", TIME),
                step=DEFAULT / gas.rate / divisor,
                seed=job_seed(seed, f"{gas.mu}", f"{divisor}"),
            )
            for divisor in (1, 2)
        ]
        records.append(_diagnosed(gas, runs))
        coarse, fine = (_columns(run) for run in runs)
        count = min(len(coarse), len(fine))
        if count < 2:
            raise InputError(path, f"reference at mu = {gas.mu:g}", "walkers that stay finite", count)
        averages.append((4 * fine[:count] - coarse[:count]) / 3)
        fields.append(runs[1].fields[:count])
    count = min(map(len, fields))
    attributes = provenance(
        system=system.kind, parameters=system.parameters, sampler="complex_langevin", seed=seed, device="cpu"
    )
    doubtful = [f"{record['mu']:g}" for record in records if not record["trusted"]]
    if doubtful:
        attributes["caveat"] = f"complex Langevin is not to be trusted at μ = {', '.join(doubtful)}"
    with EnsembleWriter(
        path,
        system.site_shape,
        attributes=attributes,
        averages=np.stack([rows[:count] for rows in averages], axis=1).reshape(count, -1),
    ) as writer:
        writer.append(np.stack([rows[:count] for rows in fields], axis=1).astype(np.float32))
    return {
        "sampler": "complex_langevin",
        "samples": count,
        "tau_int": 0.5,
        "trusted": not doubtful,
        "chemical_potentials": records,
        **{f"trusted_{record['mu']:g}": record["trusted"] for record in records},
    }


def _columns(run: LangevinRun) -> np.ndarray:
    """Order real and imaginary parts of every walker's averages as `WalkerAverages` does, (survivors, 6)."""
    return np.stack([run.averages.real, run.averages.imag], axis=2).reshape(len(run.averages), -1)


def _diagnosed(gas: BoseGas, runs: list[LangevinRun]) -> dict[str, Any]:
    return {
        "mu": gas.mu,
        "trusted": all(run.trusted for run in runs),
        "runaways": sum(run.runaways for run in runs),
        "walkers": sum(run.walkers for run in runs),
        "drift_exponent": min(run.tail for run in runs),
        "step": runs[0].step,
    }


samplers = {"complex_langevin": sample_complex_langevin}
