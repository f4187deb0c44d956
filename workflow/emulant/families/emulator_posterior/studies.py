"""Studies: whether the emulator is honest on the reference, and which parameter each observable feels."""

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasLabels, HasPrior
from emulant.families.emulator_posterior.measured import study_measured
from emulant.families.emulator_posterior.predictive import study_predictive
from emulant.families.emulator_posterior.self_calibration import study_self_calibration
from emulant.inference.emulation.observables import ObservableEmulator
from emulant.inference.priors import Prior
from emulant.randomness.seeds import job_seed
from emulant.storage.pairs import open_pairs

__all__ = ["sensitivities", "studies"]

POINTS = 512
"""Pairs of base points: shares of the variance are then known to some per cent."""
FELT = 0.01
"""Share of the variance of an observable below which it does not feel a parameter: less than its emulator resolves."""


def study_emulator(system: HasPrior, inputs: StudyInputs) -> StudyTable:
    """Hold predictions against the observations of the reference.

    Returns:
        Columns observable (its number), label (its name), R2, mean_z, its error (with that which the design shares), rms_z
        (1 where the emulator is honest), and `share_<parameter>`, the total share of the variance of the prediction that is
        due to a parameter (Sobol). The record has mean_z and rms_z of all, and names parameters that no observable feels.
    """
    (model,) = inputs.models.values()
    emulator = model.network.emulator(model.settings["kernel"])
    with open_pairs(inputs.reference) as file:
        reference, labels = file.read(), file.attributes.get("labels")
    observations = reference.inputs.reshape(len(reference), -1).astype(np.float64)
    points = system.prior.standardised(reference.outputs.astype(np.float64))
    mean, covariance = emulator.predict(points)
    errors, error = emulator.deviation_of_mean_z(points)
    residuals = observations - mean
    z = residuals / np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    shares = sensitivities(emulator, system.prior, job_seed(inputs.seed, "sensitivities"))
    numbers = range(observations.shape[1])
    if labels is None:
        labels = system.labels if isinstance(system, HasLabels) else [*map(str, numbers)]
    columns = {
        "observable": numbers,
        "label": labels,
        "R2": 1 - np.square(residuals).sum(0) / np.square(observations - observations.mean(0)).sum(0),
        "mean_z": z.mean(0),
        "mean_z_error": errors,
        "rms_z": np.sqrt(np.square(z).mean(0)),
    }
    columns |= {f"share_{name}": share for name, share in zip(system.prior.names, shares, strict=True)}
    unfelt = [name for name, share in zip(system.prior.names, shares, strict=True) if share.max() < FELT]
    record = {"parameters_not_felt": unfelt, "mean_z": float(z.mean()), "mean_z_error": error}
    return StudyTable(pd.DataFrame(columns), record | {"rms_z": float(np.sqrt(np.square(z).mean()))})


def sensitivities(emulator: ObservableEmulator, prior: Prior, seed: int) -> np.ndarray:
    """Compute the total share of each observable's variance under the prior that is due to each parameter, (d, m).

    Half the mean square of the change when one parameter alone is drawn anew, over the variance (M. J. W. Jansen,
    Comput. Phys. Commun. 117 (1999) 35).
    """
    generator = np.random.default_rng(seed)
    first, second = (prior.standardised(prior.sample(POINTS, generator)) for _ in range(2))
    base = emulator.predict(first)[0]
    shares = []
    for k in range(len(prior.names)):
        changed = first.copy()
        changed[:, k] = second[:, k]
        shares.append(0.5 * np.square(emulator.predict(changed)[0] - base).mean(0) / base.var(0))
    return np.array(shares)


studies = {
    "emulator": study_emulator,
    "measured": study_measured,
    "predictive": study_predictive,
    "self_calibration": study_self_calibration,
}
