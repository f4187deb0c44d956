"""Study `sweeps`: what a heat bath makes of a model's links, and of hot and cold links without a model."""

from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.gauge.sweeping import exact_of, starts_of, sweep_rows
from emulant.randomness.seeds import job_seed

__all__ = ["studies"]


def study_sweeps(system: Any, inputs: StudyInputs) -> StudyTable:
    """Sweep links of the model, hot links and cold links, and measure on the way.

    Returns:
        Rows of `gauge.sweeping.sweep_rows`. The record has the exact values.
    """
    (model,) = inputs.models.values()
    count, batch = inputs.settings["samples"], model.settings["generation"]["batch"]
    generator = torch.Generator().manual_seed(job_seed(inputs.seed, "samples"))
    parts = [
        model.sample(min(batch, count - first), generator).values.numpy() for first in range(0, count, batch)
    ]
    links = np.concatenate(parts)
    starts = {"model": links, **starts_of(links.shape, job_seed(inputs.seed, "starts"))}
    rows = sweep_rows(system, starts, inputs.settings["sweeps"], job_seed(inputs.seed, "sweeps"))
    return StudyTable(
        pd.DataFrame(rows), {f"{name}_exact": value for name, value in exact_of(system).items()}
    )


studies = {"sweeps": study_sweeps}
