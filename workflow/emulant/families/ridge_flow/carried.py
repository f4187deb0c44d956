"""Studies of the flow away from where it was trained: at other couplings, and on other lattices."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.statistics.weights import largest_share
from emulant.transport.yardsticks import weighed

__all__ = ["study_couplings", "study_lattices"]

BATCH = 1024
"""Fields that are moved together; random numbers belong to batches."""


@torch.no_grad()
def study_couplings(system: Any, inputs: StudyInputs) -> StudyTable:
    """Weigh samples of the flow at values of one parameter, with the weights as they are.

    Returns:
        Columns parameter, value, trained (whether a condition of the training has it), samples, ess, largest_share,
        minus_log_z, and the errors of both.
    """
    (model,), settings = inputs.models.values(), inputs.settings
    parameter = settings["parameter"]
    trained = model.conditions.values.get(parameter, [system.parameters[parameter]])
    rows = []
    for number, value in enumerate(settings["values"]):
        elsewhere = system.at({parameter: value})
        seed = job_seed(inputs.seed, "value", str(number))
        row = {"parameter": parameter, "value": value, "trained": value in trained}
        rows.append(row | _weighed(model.at(elsewhere), elsewhere, settings["samples"], seed))
    return StudyTable(pd.DataFrame(rows), {})


@torch.no_grad()
def study_lattices(system: Any, inputs: StudyInputs) -> StudyTable:
    """Carry the flow to lattices of other shapes, as it is and after further rounds of its fit there.

    Returns:
        Columns shape, sites, rounds, samples, ess, largest_share, minus_log_z, and the errors of both. The record has what
        a site costs, -ln(ESS)/V, for each number of rounds, where weights of all lattices are of one law; it grows with V
        where they are not.
    """
    (model,), settings = inputs.models.values(), inputs.settings
    rows = []
    for number, shape in enumerate(settings["shapes"]):
        elsewhere = system.at({"shape": shape})
        seed = job_seed(inputs.seed, "shape", str(number))
        for rounds, carried in _fitted(model.on(elsewhere), settings["rounds"], seed):
            label = {"shape": "x".join(map(str, shape)), "sites": int(np.prod(shape)), "rounds": rounds}
            rows.append(label | _weighed(carried, elsewhere, settings["samples"], seed))
    table = pd.DataFrame(rows)
    return StudyTable(table, {"minus_log_ess_of_a_site": _loss_of_a_site(table)})


def _fitted(model: Any, rounds: int, seed: int) -> Iterator[tuple[int, Any]]:
    """The model before and after further rounds at the action itself, from the first of them on."""
    yield 0, model
    first = len(model.settings["fit"]["path"])
    for number in range(rounds):
        generator = torch.Generator().manual_seed(job_seed(seed, "round", str(number)))
        model.fit_round(min(first + number, model.rounds - 1), generator, {})
    if rounds:
        yield rounds, model


def _weighed(model: Any, system: Any, samples: int, seed: int) -> dict[str, Any]:
    """Effective part and -ln Z of fresh samples."""
    weights = []
    for first in range(0, samples, BATCH):
        generator = torch.Generator().manual_seed(job_seed(seed, "batch", str(first)))
        drawn = model.sample(min(BATCH, samples - first), generator)
        weights.append(-system.action(drawn.values.double()) - drawn.log_q)
    log_weight = torch.cat(weights).numpy()
    return weighed(log_weight) | {"largest_share": largest_share(log_weight)}


def _loss_of_a_site(table: pd.DataFrame) -> Mapping[str, float]:
    """Weighted mean of -ln(ESS)/V over lattices, by rounds."""
    loss = -np.log(table["ess"]) / table["sites"]
    error = table["ess_error"] / table["ess"] / table["sites"]
    weight = 1 / error**2
    return {
        str(rounds): float(np.average(loss[rows.index], weights=weight[rows.index]))
        for rounds, rows in table.groupby("rounds")
    }
