"""Study `reweighted`: observables of a model by importance weights, against beta."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.observable import Observable
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.families._free_energy import weighed_samples
from emulant.families._temperatures import CONDITION
from emulant.randomness.seeds import job_seed
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.statistics.weights import effective_fraction
from emulant.systems import observables_of

__all__ = ["study_reweighted"]

CHUNK = 1024
"""Configurations whose primaries are computed together."""


def study_reweighted(system: Any, inputs: StudyInputs) -> StudyTable:
    """Measure the observables that are one number of a configuration on fresh samples of a model, weighed.

    Returns:
        Columns beta, observable, value and its error, raw (the same without weights), ess.

    Raises:
        InputError: for a temperature outside of those of the training.
    """
    (model,), settings = inputs.models.values(), inputs.settings
    observables = {name: o for name, o in observables_of(system.kind).items() if o.integrated}
    rows = []
    for beta in settings["betas"]:
        elsewhere = system.at({CONDITION: beta})
        seed = job_seed(inputs.seed, CONDITION, f"{beta}")
        samples, log_weight = weighed_samples(model.at(elsewhere), elsewhere, settings["samples"], seed)
        ess, _ = effective_fraction(log_weight)
        measured = _measured(elsewhere, samples, log_weight, observables)
        rows += [{"beta": beta, **row, "ess": ess} for row in measured]
    return StudyTable(pd.DataFrame(rows), {})


def _measured(
    system: Any, samples: np.ndarray, log_weight: np.ndarray, observables: dict[str, Observable]
) -> Iterator[dict[str, Any]]:
    """Value and error of each observable."""
    weight = np.exp(log_weight - log_weight.max())
    block = assign_blocks(len(samples))
    for name, observable in observables.items():
        parts = (samples[first : first + CHUNK] for first in range(0, len(samples), CHUNK))
        primaries = np.concatenate([observable.primaries(system.view(part)) for part in parts])
        sums = BlockSums(primaries.shape[1])
        sums.add(block, primaries, weight)
        function = partial(observable.value, shape=system.site_shape)
        value, samples_without = jackknife(sums, function)
        yield {
            "observable": name,
            "value": float(value[0]),
            "error": float(jackknife_error(samples_without)[0]),
            "raw": float(function(primaries.mean(0))[0]),
        }
