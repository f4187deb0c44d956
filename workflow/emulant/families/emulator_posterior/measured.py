"""The posterior of measured values with a covariance of their own, statistical and systematic."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasPrior
from emulant.errors import InputError
from emulant.families.emulator_posterior.predictive import distances, replicas
from emulant.randomness.seeds import job_seed

__all__ = ["covariance_of", "study_measured"]

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


def covariance_of(settings: Mapping[str, Any], count: int) -> np.ndarray:
    """Add squares of `errors` and `covariance`, (count, count); zero where neither is said.

    Raises:
        InputError: for another size, or a covariance that is not symmetric or has an eigenvalue below zero, which it names.
    """
    errors = np.asarray(settings.get("errors", np.zeros(count)), dtype=np.float64)
    covariance = np.asarray(settings.get("covariance", np.zeros((count, count))), dtype=np.float64)
    for name, array, shape in (("errors", errors, (count,)), ("covariance", covariance, (count, count))):
        if array.shape != shape:
            raise InputError("studies", f"measured.{name}", f"numbers of shape {shape}", array.shape)
    if not np.allclose(covariance, covariance.T):
        raise InputError("studies", "measured.covariance", "a symmetric matrix", "one that is not")
    least = float(np.linalg.eigvalsh(covariance)[0])
    if least < -1e-9 * max(np.abs(covariance).max(), 1e-300):
        raise InputError("studies", "measured.covariance", "eigenvalues of zero or more", f"{least:.3g}")
    return covariance + np.diag(errors**2)


def _root(covariance: np.ndarray) -> np.ndarray:
    """Square root of a covariance that may have eigenvalues of zero."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))
