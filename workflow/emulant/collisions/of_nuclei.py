"""Whether events can be of two nuclei at a beam energy: their charges, energy and momentum."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, charges_of_nuclei, event_totals
from emulant.collisions.events import Events
from emulant.collisions.species import INDEFINITE
from emulant.collisions.urqmd_types import NUCLEON
from emulant.errors import InputError

__all__ = ["check_nuclei", "energy_of_nuclei"]

TOLERANCE = 0.05
"""Of the total energy: Fermi motion adds about 2 % to the energy of the nuclei in UrQMD."""


def energy_of_nuclei(parameters: Mapping[str, Any]) -> tuple[float, float]:
    """Compute total energy and longitudinal momentum in the NN centre of mass, GeV, without Fermi motion."""
    energy = np.sqrt(NUCLEON * (parameters["energy"] + 2 * NUCLEON) / 2)
    momentum = np.sqrt(NUCLEON * parameters["energy"] / 2)
    one, other = parameters["projectile"][0], parameters["target"][0]
    return float((one + other) * energy), float((one - other) * momentum)


def check_nuclei(file: str | Path, events: Events, parameters: Mapping[str, Any], complete: bool) -> None:
    """Raise InputError for the first event that cannot be of these nuclei at this energy.

    Complete events have their charges, and energy and longitudinal momentum within 5 % of the energy. Of incomplete ones
    only the energy is bounded: antibaryons may be missing as well as baryons, so that net charges are not.
    """
    if complete:
        _check_charges(file, events, charges_of_nuclei(parameters))
    energy, momentum = energy_of_nuclei(parameters)
    allowed, totals = TOLERANCE * energy, event_totals(events)
    sums = totals[:, TOTALS.index("E")]
    if not complete:
        most = f"at most {energy + allowed:.1f} GeV, the nuclei's and {allowed:.1f} more,"
        expected = f"{most} in the nucleon-nucleon centre of mass"
        _refuse(file, events, sums > energy + allowed, "sum of E", expected, sums)
        return
    for name, value in (("E", energy), ("pz", momentum)):
        sums = totals[:, TOTALS.index(name)]
        expected = f"{value:.1f} GeV within {allowed:.1f} in the nucleon-nucleon centre of mass"
        _refuse(file, events, np.abs(sums - value) > allowed, f"sum of {name}", expected, sums)


def _check_charges(file: str | Path, events: Events, charges: Mapping[str, int]) -> None:
    """Raise InputError for the first event whose charges are not those of the nuclei, or have none that is definite."""
    kaons = events.sums(np.isin(events.pdg, INDEFINITE))
    hint = "`complete: false` where particles are missing"
    expected = f"K0 and K0bar as +-311, as K_S and K_L have no definite strangeness (or {hint})"
    _refuse(file, events, kaons > 0, "S", expected, kaons, " of 310 or 130")
    for name, charge in charges.items():
        sums = events.sums(events.charges)[:, CHARGE_NAMES.index(name)]
        _refuse(file, events, sums != charge, name, f"{charge} as in the nuclei ({hint})", sums)


def _refuse(
    file: str | Path,
    events: Events,
    bad: np.ndarray,
    key: str,
    expected: str,
    values: np.ndarray,
    unit: str = "",
) -> None:
    if np.any(bad):
        first = int(np.argmax(bad))
        got = f"{round(float(values[first]), 1):g}{unit}"
        raise InputError(file, f"{key}, event {events.number[first]}", expected, got)
