"""Import of users' events in any supported format, checked against the collision system."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS, charges_of_nuclei, event_totals
from emulant.collisions.events import Events, boosted
from emulant.collisions.readers import read_foreign
from emulant.collisions.tables import EventWriter, open_events
from emulant.collisions.urqmd_types import NUCLEON, centre_of_mass_boost
from emulant.errors import InputError

__all__ = ["energy_of_nuclei", "import_half"]

FEWEST = 128
"""Events of a file: half of them, for training and for judging, still give errors of the observables."""
TOLERANCE = 0.05
"""Of the total energy: Fermi motion adds about 2 % to the energy of the nuclei in UrQMD."""
HALVES = {"training": 0, "reference": 1}


def import_half(
    file: Path,
    path: Path,
    parameters: dict[str, Any],
    attributes: dict[str, Any],
    *,
    half: str,
    complete: bool = True,
    frame: str = "cm",
) -> int:
    """Copy every second event of a user's file, from the first for training, from the second for judging.

    Neighbours go to different halves, so that both have the same distribution even if the file is sorted (by multiplicity,
    say). Memory does not grow with the file.

    Arguments:
        file: event tables in Parquet (with their table of events), UrQMD's f13 or f14, OSCAR, or HepMC.
        path: event tables to write.
        parameters: of the collision system.
        attributes: provenance.
        half: "training" or "reference".
        complete: whether every event has all particles: B, Q and S are those of the nuclei, energy and longitudinal
            momentum within 5 % of theirs. Otherwise no event may have more baryons than the nuclei.
        frame: "cm" or "lab" (target at rest), for formats that do not contain their frame.

    Returns:
        the number of events copied.

    Raises:
        InputError: as the readers do, for a file of under 128 events, or for events of another system.
    """
    beta = centre_of_mass_boost(parameters["energy"]) if frame == "lab" else 0.0
    events = 0
    with EventWriter(path, attributes) as writer:
        for part in _batches(Path(file), beta):
            _check(file, part, parameters, complete)
            chosen = np.flatnonzero(part.number % 2 == HALVES[half])
            for k in chosen:
                writer.append(part[k : k + 1])
            events += len(part)
        if events < FEWEST:
            raise InputError(
                file, "events", f"at least {FEWEST}, half of them to judge and half to train", events
            )
    return writer.events


def energy_of_nuclei(parameters: dict[str, Any]) -> tuple[float, float]:
    """Compute total energy and longitudinal momentum in the NN centre of mass, GeV, without Fermi motion."""
    energy = np.sqrt(NUCLEON * (parameters["energy"] + 2 * NUCLEON) / 2)
    momentum = np.sqrt(NUCLEON * parameters["energy"] / 2)
    one, other = parameters["projectile"][0], parameters["target"][0]
    return float((one + other) * energy), float((one - other) * momentum)


def _batches(file: Path, beta: float) -> Iterator[Events]:
    """Yield events in pieces, numbered from 0, with their impact parameters (NaN if unknown)."""
    if file.suffix != ".parquet":
        yield from read_foreign(file, beta=beta)
        return
    first = 0
    with open_events(file) as table:
        for part in table.chunks():
            momenta = part.momenta
            if beta:
                momenta = boosted(momenta, np.tile([0.0, 0.0, -beta], (len(momenta), 1)))
            unknown = np.full(len(part), np.nan)
            facts = {"impact_parameter": part.facts.get("impact_parameter", unknown)}
            number = first + np.arange(len(part))
            yield replace(part, number=number, momenta=momenta, facts=facts)
            first += len(part)


def _check(file: Path, events: Events, parameters: dict[str, Any], complete: bool) -> None:
    """Raise InputError for the first event that cannot be of these nuclei at this energy."""
    totals, expected = event_totals(events), charges_of_nuclei(parameters)
    if not complete:
        baryons = totals[:, TOTALS.index("B")]
        if np.any(baryons > expected["B"]):
            worst = int(np.argmax(baryons))
            _refuse(file, events, worst, "B", f"at most {expected['B']} as in the nuclei", baryons[worst])
        return
    for name in CHARGE_NAMES:
        sums = totals[:, TOTALS.index(name)]
        outside = np.flatnonzero(sums != expected[name])
        if len(outside):
            hint = f"{expected[name]} as in the nuclei (`complete: false` where particles are missing)"
            _refuse(file, events, outside[0], name, hint, sums[outside[0]])
    energy, momentum = energy_of_nuclei(parameters)
    for name, value in (("E", energy), ("pz", momentum)):
        sums = totals[:, TOTALS.index(name)]
        outside = np.flatnonzero(np.abs(sums - value) > TOLERANCE * energy)
        if len(outside):
            hint = f"{value:.1f} GeV within {TOLERANCE * energy:.1f} in the nucleon-nucleon centre of mass"
            _refuse(file, events, outside[0], f"sum of {name}", hint, round(float(sums[outside[0]]), 1))


def _refuse(file: Path, events: Events, index: int, key: str, expected: str, got: float) -> None:
    raise InputError(file, f"{key}, event {events.number[index]}", expected, f"{got:g}")
