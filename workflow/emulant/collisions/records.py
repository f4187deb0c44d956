"""What is said of an ensemble of events: its provenance, and what every event conserves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, charges_of_nuclei, event_totals
from emulant.collisions.ensemble import EventEnsemble
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.statistics.jackknife import effective_size
from emulant.storage.provenance import provenance

__all__ = ["collision_attributes", "conserved_record"]


def collision_attributes(system: System, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Attributes of events of `system`, whose impact parameters may be those of settings["conditions"]."""
    parameters = system.parameters | settings.get("conditions", {})
    return provenance(
        system=system.kind, parameters=parameters, sampler=settings["sampler"], seed=seed, device="cpu"
    )


def conserved_record(path: Path, system: System, sampler: str, *, complete: bool = True) -> dict[str, Any]:
    """Diagnostics of events: number, and mean and deviation of the sums of momenta, energy and charges, by weight.

    Raises:
        InputError: where an event of a `complete` ensemble has not the charges of the nuclei.
    """
    with EventEnsemble(path) as ensemble:
        samples, log_weight = len(ensemble), ensemble.log_weight
        totals = np.concatenate([event_totals(part) for part in ensemble.chunks(ensemble.rows_per_chunk)])
    for name, charge in charges_of_nuclei(system.parameters).items() if complete else ():
        wrong = np.flatnonzero(totals[:, TOTALS.index(name)] != charge)
        if len(wrong):
            raise InputError(
                path, name, f"{charge} in every event", f"another in {len(wrong)}, first {wrong[0]}"
            )
    record = {"sampler": sampler, "samples": samples, "tau_int": 0.5, "equilibrated": True}
    if log_weight is not None:
        record["effective_samples"] = effective_size(log_weight)
    units = {name: "" if name in CHARGE_NAMES else "_GeV" for name in TOTALS}
    return record | {
        f"sum_{name}{units[name]}": dict(zip(("mean", "deviation"), _spread(column, log_weight), strict=True))
        for name, column in zip(TOTALS, totals.T, strict=True)
    }


def _spread(values: np.ndarray, log_weight: np.ndarray | None) -> tuple[float, float]:
    """Mean and standard deviation of values (N,), by weight."""
    if log_weight is None:
        return float(values.mean()), float(values.std(ddof=1))
    weight = np.exp(log_weight - log_weight.max())
    mean = np.average(values, weights=weight)
    return float(mean), float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))
