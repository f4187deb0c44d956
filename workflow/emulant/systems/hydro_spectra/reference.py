"""The sampler: each event has an initial state of its own, and the conditions of training take turns."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emulant.forms.pairs import form
from emulant.forms.streamed import Chunk, Streamed
from emulant.hydro.chain import spectra_of
from emulant.storage.pairs import Pairs
from emulant.storage.pieces import Piece, condition_of
from emulant.storage.provenance import provenance
from emulant.systems.hydro_spectra.system import HydroSpectra

__all__ = ["BATCH", "LABEL", "evolved", "samplers"]

BATCH = 16
"""Events of a piece: what a killed job loses, some seconds of work."""
LABEL = "thermal, no decays"


def evolved(system: HydroSpectra, densities: np.ndarray, viscosity: np.ndarray | float) -> np.ndarray:
    """Compute spectra (N, 3, p_T, phi) in GeV^-2 of initial states (N, n, n) at eta/s, a number or one for each."""
    parameters = system.parameters
    return spectra_of(
        densities,
        spacing=system.spacing,
        start_time=parameters["start_time"],
        viscosity=viscosity,
        switching_temperature=parameters["switching_temperature"],
        time_step=parameters["time_step"],
        pt_nodes=parameters["pt_nodes"],
        pt_max=parameters["pt_max"],
        angles=parameters["angles"],
    ).values


def _attributes(system: HydroSpectra, settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Provenance, labelled as what it is."""
    described = provenance(
        system=system.kind, parameters=system.parameters, sampler=settings["sampler"], seed=seed
    )
    return described | {"label": LABEL}


def _record(system: HydroSpectra, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Diagnostics: events are independent."""
    return {
        "sampler": "hydro",
        "samples": settings["samples"],
        "label": LABEL,
        "tau_int": 0.5,
        "equilibrated": True,
    }


def _generate(system: HydroSpectra, piece: Piece, settings: Mapping[str, Any], seed: int) -> Iterator[Chunk]:
    """Make the events of a piece together; each is what it would be alone."""
    numbers = range(piece.first, piece.first + piece.count)
    viscosity = np.array(
        [(system.parameters | condition_of(settings, number))["viscosity"] for number in numbers], float
    )
    states = system.trento.events(numbers, seed)
    spectra = evolved(system, states.densities, viscosity)
    # In the order of the alphabet, in which merged shards have them.
    conditions = {
        "impact_parameter": states.impact,
        "participants": states.participants.astype(float),
        "viscosity": viscosity,
    }
    yield Chunk(Pairs(states.densities.astype(np.float32), spectra.astype(np.float32), conditions))


samplers = {"hydro": Streamed(form, BATCH, _attributes, _record, _generate, "hydrodynamics")}
