"""Studies of the path sampler: work forward and backward, and how its paths became reversible in training."""

from typing import Any

import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.families._work import study_work
from emulant.statistics.entropy_production import Reversibility

__all__ = ["studies"]


def training_reversibility(system: Any, inputs: StudyInputs) -> StudyTable:
    """Tabulate what fresh paths said before each round of whole paths.

    Returns:
        Columns round and loss (what the round trained by), and those of `Reversibility`: entropy production KL(P_F || Q_B)
        and KL(Q_B || P_F), effective fraction, and their errors.
    """
    (model,) = inputs.models.values()
    table = pd.DataFrame(model.network.history.numpy(), columns=Reversibility._fields)
    table.insert(0, "loss", model.settings["fit"]["polish"])
    table.insert(0, "round", range(1, len(table) + 1))
    last = table.iloc[-1].to_dict() if len(table) else {}
    return StudyTable(table, {"before_the_last_round": last})


studies = {"work": study_work, "reversibility": training_reversibility}
