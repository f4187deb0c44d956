"""Studies: posteriors of the models, what they know from bags of few and of many events, and what nucleons would say."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.inference.studies import study_posterior
from emulant.randomness.seeds import job_seed
from emulant.storage.pairs import Pairs, open_pairs
from emulant.systems.deformed_nuclei.nucleons import study_nucleons
from emulant.systems.deformed_nuclei.summary import summary_of
from emulant.systems.deformed_nuclei.system import DeformedNuclei

__all__ = ["studies"]


def study_bag_sizes(system: DeformedNuclei, inputs: StudyInputs) -> StudyTable:
    """Draw posteriors from the first events of every bag of the reference.

    Returns:
        Columns of `summary_of`. The record has, of each model and parameter, the slopes d ln deviation / d ln events between
        the two largest sizes.
    """
    with open_pairs(inputs.reference) as file:
        reference = file.read()
    names, sizes = system.prior.names, inputs.settings["sizes"]
    table = pd.DataFrame(
        row
        for name, model in inputs.models.items()
        for events in sizes
        if events <= system.parameters["events"]
        for row in summary_of(
            names, name, events, _draws(model, reference, events, inputs), reference.outputs
        )
    )
    return StudyTable(table, {"slopes": _slopes(table)})


def _draws(model: Any, reference: Pairs, events: int, inputs: StudyInputs) -> np.ndarray:
    """Draw (draws, N, d) from a model that sees the first `events` events of each bag."""
    bags = reference.inputs.copy()
    bags[:, events:] = 0.0
    generator = torch.Generator().manual_seed(job_seed(inputs.seed, model.settings["name"], str(events)))
    condition = {"inputs": torch.from_numpy(bags)}
    draws = inputs.settings["draws"]
    return np.stack([model.sample(len(bags), generator, condition).values.numpy() for _ in range(draws)])


def _slopes(table: pd.DataFrame) -> dict[str, dict[str, Mapping[str, float]]]:
    """Model -> parameter -> slopes between the two largest sizes."""
    slopes: dict[str, dict[str, Mapping[str, float]]] = {}
    for (model, parameter), rows in table[table["events"] > 0].groupby(["model", "parameter"], sort=False):
        last = rows.sort_values("events").tail(2)
        if len(last) == 2:
            columns = ("deviation", "deviation_magnitude", "deviation_deformed")
            change = np.diff(np.log(last["events"]))[0]
            part = {name: float(np.diff(np.log(last[name]))[0] / change) for name in columns}
            slopes.setdefault(str(model), {})[str(parameter)] = part
    return slopes


studies = {"posterior": study_posterior, "bag_sizes": study_bag_sizes, "nucleons": study_nucleons}
