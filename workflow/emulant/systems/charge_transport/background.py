"""Study `background`: what charge-dependent correlations show where no charge is separated."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.kinetic.pair_correlations import pair_values
from emulant.kinetic.transport import Transport
from emulant.randomness.seeds import job_seed
from emulant.statistics.bootstrap import bootstrap
from emulant.storage.pairs import Pairs
from emulant.systems.charge_transport.reference import LABEL
from emulant.systems.charge_transport.system import ChargeTransport
from emulant.systems.charge_transport.views import dipole_sums

__all__ = ["study_background"]

COLUMNS = ("delta_gamma", "dipole", "elliptic_flow")


def study_background(system: ChargeTransport, inputs: StudyInputs) -> StudyTable:
    """Measure Delta gamma, a_1 and v_2 of final particles with and without flow, local charges and a separation.

    Returns:
        Columns flow, local_charges, separation, and each of COLUMNS with its error.
    """
    rows = [
        {"flow": flow, "local_charges": local_charges, "separation": separation}
        | _measured(system.law, flow, local_charges, separation, inputs)
        for flow, local_charges, separation in _cases(system, inputs.settings["separation"])
    ]
    return StudyTable(pd.DataFrame(rows), {"label": LABEL, "events": inputs.settings["events"]})


def _cases(system: ChargeTransport, separation: float) -> Iterator[tuple[float, float, float]]:
    """Neither background; flow alone; both; both with a signal; a signal alone."""
    flow, local_charges = (system.parameters[name] for name in ("flow", "local_charges"))
    yield from ((0.0, 0.0, 0.0), (flow, 0.0, 0.0), (flow, local_charges, 0.0))
    yield from ((flow, local_charges, separation), (0.0, 0.0, separation))


def _measured(
    law: Transport, flow: float, local_charges: float, separation: float, inputs: StudyInputs
) -> dict[str, Any]:
    """Values with errors by bootstrap over events."""
    initial = dataclasses.replace(law.initial, flow=flow, local_charges=local_charges)
    law, seed = dataclasses.replace(law, initial=initial), job_seed(inputs.seed, f"{flow} {local_charges}")
    rows = []
    for number in range(inputs.settings["events"]):
        event = law.event(separation, np.random.SeedSequence(seed, spawn_key=(number,)))
        sines, numbers = dipole_sums(Pairs(event.slices[None, -1], event.slices[None, :-1]))
        rows.append(np.concatenate([event.pairs, sines[0, -1], numbers[0, -1]]))
    estimate = bootstrap(np.array(rows), _values, seed=seed)
    values = zip(COLUMNS, estimate.value, estimate.error, strict=True)
    return {key: v for name, x, e in values for key, v in ((name, float(x)), (f"{name}_error", float(e)))}


def _values(means: np.ndarray) -> np.ndarray:
    """COLUMNS from means of pair sums, sines and numbers of either charge."""
    pairs, sines, numbers = np.split(means, [-4, -2], axis=-1)
    correlations, dipoles = pair_values(pairs), sines / numbers
    difference = 0.5 * (dipoles[..., 0] - dipoles[..., 1])
    return np.stack([correlations[..., 2], difference, correlations[..., 5]], axis=-1)
