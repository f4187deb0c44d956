"""What is said of an ensemble of events: its provenance, and what every event conserves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, charges_of_nuclei, event_totals
from emulant.collisions.tables import open_events
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.storage.provenance import provenance

__all__ = ["collision_attributes", "conserved_record"]


def collision_attributes(system: System, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Attributes of events of `system`, whose impact parameters may be those of settings["conditions"]."""
    parameters = system.parameters | settings.get("conditions", {})
    return provenance(
        system=system.kind, parameters=parameters, sampler=settings["sampler"], seed=seed, device="cpu"
    )


def conserved_record(path: Path, system: System, sampler: str, *, complete: bool = True) -> dict[str, Any]:
    """Diagnostics of events: number, and mean and deviation of the sums of momenta, energy and charges.

    Raises:
        InputError: where an event of a `complete` ensemble has not the charges of the nuclei.
    """
    with open_events(path) as file:
        samples = len(file)
        totals = np.concatenate([event_totals(part) for part in file.chunks()])
    for name, charge in charges_of_nuclei(system.parameters).items() if complete else ():
        wrong = np.flatnonzero(totals[:, TOTALS.index(name)] != charge)
        if len(wrong):
            raise InputError(
                path, name, f"{charge} in every event", f"another in {len(wrong)}, first {wrong[0]}"
            )
    record = {"sampler": sampler, "samples": samples, "tau_int": 0.5, "equilibrated": True}
    units = {name: "" if name in CHARGE_NAMES else "_GeV" for name in TOTALS}
    return record | {
        f"sum_{name}{units[name]}": {"mean": float(column.mean()), "deviation": float(column.std(ddof=1))}
        for name, column in zip(TOTALS, totals.T, strict=True)
    }
