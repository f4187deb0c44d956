"""The posterior of measured values with a covariance of their own, statistical and systematic."""

from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasPrior
from emulant.errors import InputError
from emulant.families.emulator_posterior.predictive import distances, replicas
from emulant.inference.measured_values import covariance_of
from emulant.randomness.seeds import job_seed

__all__ = ["study_measured"]

PRIOR_DRAWS = 2048
"""That the mean and covariance of the prior predictive are known from."""
FAR = 3.0
"""Distance from the prior predictive, per root of the number of observables, beyond which a warning is due."""


def study_measured(system: HasPrior, inputs: StudyInputs) -> StudyTable:
    """Draw the posterior of the values in the settings.

    Returns:
        Columns parameter, mean, deviation, low and high (central 95 %), shrinkage (deviation over the prior's). The record
        has the distance of the values from the prior predictive in its deviations, with a warning where it is large.

    Raises:
        InputError: for another number of values than the emulator has observables, or a covariance that is none.
    """
    (model,) = inputs.models.values()
    emulator, prior = model.network.emulator(model.settings["kernel"]), system.prior
    values = np.asarray(inputs.settings["values"], dtype=np.float64)
    count = len(emulator.components.mean)
    if len(values) != count:
        raise InputError(
            "studies", "measured.values", f"{count} numbers, one for each observable", len(values)
        )
    covariance, seed = covariance_of(inputs.settings, count), job_seed(inputs.seed, "measured")
    draws = model.posterior(emulator, values, inputs.settings["draws"], seed, covariance)
    generator = np.random.default_rng(seed)
    predicted = replicas(emulator, prior.standardised(prior.sample(PRIOR_DRAWS, generator)), generator)
    noise = generator.standard_normal(predicted.shape) @ _root(covariance).T
    distance = float(distances(values[None], predicted + noise)[0] / np.sqrt(count))
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    columns = {
        "parameter": list(prior.names),
        "mean": draws.mean(0),
        "deviation": draws.std(0, ddof=1),
        "low": low,
        "high": high,
        "shrinkage": draws.std(0, ddof=1) / prior.deviation,
    }
    record: dict[str, Any] = {"prior_distance": distance}
    if distance > FAR:
        record["warning"] = f"the values lie {distance:.1f} deviations outside the prior predictive"
    return StudyTable(pd.DataFrame(columns), record)


def _root(covariance: np.ndarray) -> np.ndarray:
    """Square root of a covariance that may have eigenvalues of zero."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))
