"""The Bose gas as a system of the pipeline: complex Langevin at a row of chemical potentials, without a model."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from emulant.configuration.seeds import job_seed
from emulant.errors import InputError
from emulant.langevin.bose_gas.action import BoseGas, Observables
from emulant.langevin.bose_gas.langevin import DEFAULT, LangevinRun, langevin
from emulant.langevin.bose_gas.views import QUANTITIES, Fields, WalkerAverages
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance

__all__ = ["BoseGasSystem"]

TIME = 100.0


class BoseGasSystem:
    """Gases that differ in their chemical potential alone; a configuration holds a field of each of them.

    Arguments:
        gases: one for each chemical potential.
    """

    kind = "bose_gas"
    observable_package = "emulant.langevin.bose_gas.observables"
    averages = staticmethod(WalkerAverages)
    gradient = None

    def __init__(self, gases: list[BoseGas]) -> None:
        self.gases, first = gases, gases[0]
        self.site_shape = (len(gases), 4, *first.shape)
        self.parameters = {
            "mass": first.mass,
            "lambda": first.coupling,
            "shape": list(first.shape),
            "mu": [gas.mu for gas in gases],
        }

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> "BoseGasSystem":
        """From the `system` block of an experiment."""
        numbers = (tuple(settings["shape"]), settings["mass"], settings["lambda"])
        return cls([BoseGas(*numbers, mu) for mu in settings["mu"]])

    def view(self, configurations: np.ndarray) -> Fields:
        """What observables are shown of configurations (n, *site_shape)."""
        return Fields(configurations)

    def sample_reference(self, path: Path, *, settings: dict, seed: int, checkpoint: Path) -> dict[str, Any]:
        """Run complex Langevin at every chemical potential, at two steps; returns the diagnostics.

        Each configuration is a walker at the end of the run with the shorter step. `averages` in the file are those of
        each walker over Langevin time, extrapolated to step zero.

        Raises:
            InputError: where at some chemical potential fewer than two walkers are left.
        """
        fields, averages, records = [], [], []
        for gas in tqdm(self.gases, desc="complex Langevin", unit="mu"):
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
            system=self.kind, parameters=self.parameters, sampler="complex_langevin", seed=seed, device="cpu"
        )
        doubtful = [f"{record['mu']:g}" for record in records if not record["trusted"]]
        if doubtful:
            attributes["caveat"] = f"complex Langevin is not to be trusted at μ = {', '.join(doubtful)}"
        with EnsembleWriter(
            path,
            self.site_shape,
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

    def exact_values(self) -> list[dict[str, Any]]:
        """Imaginary parts vanish; the rest is simulated, `simulated_values`."""
        return [
            {"observable": f"{name}_imag", "index": k, "value": 0.0, "error": 0.0}
            for name in QUANTITIES
            for k in range(1, len(self.gases) + 1)
        ]

    def simulated_values(self, scan: pd.DataFrame) -> list[dict[str, Any]]:
        """Worldlines on this very lattice, from the table of the rule `silver_blaze`."""
        own = scan[(scan["method"] == "worldline") & (scan["extent"] == self.gases[0].extent)].set_index("mu")
        return [
            {
                "observable": name,
                "index": k,
                "value": float(own.loc[gas.mu, column]),
                "error": float(own.loc[gas.mu, f"{column}_error"]),
            }
            for name, column in zip(QUANTITIES, Observables._fields, strict=True)
            for k, gas in enumerate(self.gases, start=1)
        ]


def _columns(run: LangevinRun) -> np.ndarray:
    """Real and imaginary parts of every walker's averages, in the order of `WalkerAverages`, (survivors, 6)."""
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
