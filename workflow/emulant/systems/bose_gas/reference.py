"""Samplers of the Bose gas: complex Langevin at several chemical potentials, with two steps."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from emulant.errors import InputError
from emulant.randomness.seeds import job_seed
from emulant.statistics.agreement import Agreement, agreement
from emulant.statistics.pulls import p_value
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.systems.bose_gas.langevin import DEFAULT, LangevinRun, langevin
from emulant.systems.bose_gas.system import BoseGasSystem
from emulant.systems.bose_gas.views import QUANTITIES
from emulant.worldlines.action import BoseGas

__all__ = ["FALSE_ALARM", "imaginary_parts", "samplers"]

# Default Langevin time of a walker: 100 relaxation times 1 / m² of the slowest free mode at m = 1, mu = 0.
TIME = 100.0
# Of each test that imaginary parts vanish: that of 5 errors of a Gaussian.
FALSE_ALARM = p_value(5.0)


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

    Configurations are walkers of the run with the shorter step at the end of each record, those of a walker successive.
    `averages` in the file are averages of each walker over Langevin time, extrapolated to step zero.

    Raises:
        InputError: if fewer than two walkers survive at some chemical potential, or records do not divide the samples.
    """
    fields, averages, diagnostics, identities = [], [], [], []
    records, refinement = settings.get("records", 1), settings.get("refinement", 1)
    if settings["samples"] % records:
        raise InputError(path, "reference.samples", f"a multiple of {records} records", settings["samples"])
    for gas in tqdm(system.gases, desc="complex Langevin", unit="mu"):
        runs = [
            langevin(
                gas,
                settings["samples"] // records,
                settings.get("langevin_time", TIME),
                step=DEFAULT / gas.rate / (refinement * divisor),
                seed=job_seed(seed, f"{gas.mu}", f"{divisor}"),
                records=records,
            )
            for divisor in (1, 2)
        ]
        coarse, fine = (_columns(run) for run in runs)
        count = min(len(coarse), len(fine))
        if count < 2:
            raise InputError(path, f"reference at mu = {gas.mu:g}", "walkers that stay finite", count)
        identities.append(imaginary_parts(runs[1]))
        diagnostics.append(_diagnosed(gas, runs, identities[-1]))
        averages.append((4 * fine[:count] - coarse[:count]) / 3)
        fields.append(runs[1].fields[:count])
    count = min(map(len, fields))
    attributes = provenance(
        system=system.kind, parameters=system.parameters, sampler="complex_langevin", seed=seed, device="cpu"
    )
    doubtful = [f"{record['mu']:g}" for record in diagnostics if not record["trusted"]]
    if doubtful:
        attributes["caveat"] = f"complex Langevin is not to be trusted at μ = {', '.join(doubtful)}"
    with EnsembleWriter(
        path,
        system.site_shape,
        attributes=attributes,
        averages=np.stack([rows[:count] for rows in averages], axis=1).reshape(count, -1),
        chain=records > 1,
    ) as writer:
        rows = np.stack([rows[:count] for rows in fields], axis=2).astype(np.float32)
        writer.append(
            rows.reshape(-1, *system.site_shape),
            chain=np.repeat(np.arange(count, dtype=np.int32), records) if records > 1 else None,
        )
    return {
        "sampler": "complex_langevin",
        "samples": count * records,
        "tau_int": 0.5,
        "trusted": not doubtful,
        "chemical_potentials": diagnostics,
        "identities": {
            f"Im {name} = 0 at mu = {gas.mu:g}": result.record()
            for gas, results in zip(system.gases, identities, strict=True)
            for name, result in results.items()
        },
        **{f"trusted_{record['mu']:g}": record["trusted"] for record in diagnostics},
    }


def _columns(run: LangevinRun) -> np.ndarray:
    """Order real and imaginary parts of every walker's averages as `WalkerAverages` does, (survivors, 6)."""
    return np.stack([run.averages.real, run.averages.imag], axis=2).reshape(len(run.averages), -1)


def imaginary_parts(run: LangevinRun) -> dict[str, Agreement]:
    """Hold the imaginary part of each quantity against 0, by errors that walkers which strayed do not widen."""
    return {name: agreement(run.averages.imag[:, column]) for column, name in enumerate(QUANTITIES)}


def _diagnosed(gas: BoseGas, runs: list[LangevinRun], identities: Mapping[str, Agreement]) -> dict[str, Any]:
    real = not any(result.failures(FALSE_ALARM) for result in identities.values())
    return {
        "mu": gas.mu,
        "trusted": real and all(run.trusted for run in runs),
        "runaways": sum(run.runaways for run in runs),
        "walkers": sum(run.walkers for run in runs),
        "drift_exponent": min(run.tail for run in runs),
        "step": runs[0].step,
    }


samplers = {"complex_langevin": sample_complex_langevin}
