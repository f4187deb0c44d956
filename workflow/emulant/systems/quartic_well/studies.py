"""Study `effective_action`: S_DM(φ, t) of a trained model beside the exact -log p_t."""

import numpy as np
import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.scalar.effective_action import effective_action, largest_deviation
from emulant.systems.quartic_well.system import QuarticWell

__all__ = ["studies"]


def effective_action_study(system: QuarticWell, inputs: StudyInputs) -> StudyTable:
    """Compare the learned effective action of one model with the exact one at the times t of the settings.

    Returns:
        Columns tau = 1 - t, t, phi, learned, exact, density; the record has the largest deviation at each time.
    """
    (model,) = inputs.models.values()
    unit, path = model.field_unit(), model.path
    frames, deviations = [], []
    for t in map(float, inputs.settings["times"]):

        @torch.no_grad()
        def score(phi: np.ndarray, t: float = t) -> np.ndarray:
            fields = torch.as_tensor(phi / unit, dtype=torch.float32)[:, None]
            return model.score(fields, t)[:, 0].double().numpy() / unit

        columns = effective_action(system, score, signal=path.signal(t), noise=unit * path.noise(t))
        frames.append(pd.DataFrame({"tau": 1 - t, "t": t, **columns}))
        deviations.append(largest_deviation(columns))
    record = {"times": list(inputs.settings["times"]), "deviations": deviations}
    return StudyTable(pd.concat(frames), record | {"max_deviation": float(np.max(deviations))})


studies = {"effective_action": effective_action_study}
