"""Studies of the path sampler: work forward and backward, and how its paths became reversible in training."""

from typing import Any

import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.families._work import study_work
from emulant.families.path_sampler.floor import trace_noise
from emulant.statistics.entropy_production import Reversibility

__all__ = ["studies"]

PROBED = 256
"""Paths of the bound on the variance of the work: 1 % of it."""


@torch.no_grad()
def training_reversibility(system: Any, inputs: StudyInputs) -> StudyTable:
    """Tabulate what fresh paths said before each round of whole paths.

    Returns:
        Columns round and loss (what the round trained by), and those of `Reversibility`: entropy production KL(P_F || Q_B)
        and KL(Q_B || P_F), effective fraction, and their errors. The record has the variance of the work that the noise of
        the steps costs whatever the weights are (`floor`).
    """
    (model,) = inputs.models.values()
    table = pd.DataFrame(model.network.history.numpy(), columns=Reversibility._fields)
    table.insert(0, "loss", model.settings["fit"]["polish"])
    table.insert(0, "round", range(1, len(table) + 1))
    generator = torch.Generator().manual_seed(inputs.seed)
    bound = trace_noise(model.paths, model.start.sample(PROBED, generator), generator)
    return StudyTable(table, {"levels": model.settings["levels"], "trace_noise": bound})


studies = {"work": study_work, "reversibility": training_reversibility}
