"""What prior and posterior say of an observation before it is seen again: predictive laws through the emulator."""

import numpy as np
import pandas as pd
from scipy import stats

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasPrior
from emulant.inference.emulation.observables import ObservableEmulator
from emulant.randomness.seeds import job_seed
from emulant.storage.pairs import open_pairs

__all__ = ["distances", "replicas", "study_predictive"]

PRIOR_DRAWS = 2048
"""That the mean and covariance of the prior predictive are known from."""
OUTSIDE = 1e-3
"""p-value below which an observation lies outside the prior predictive."""


def study_predictive(system: HasPrior, inputs: StudyInputs) -> StudyTable:
    """Hold the first observations of the reference against replicas that their prior and posterior predict.

    Returns:
        Columns observation, observable (its number), value, mean and deviation of the replicas of the posterior, z, p (share
        of these replicas that lie farther from their mean than the observation, by their covariance), prior_distance
        (of the observation from the mean of the prior predictive, in its deviations, all observables together) and prior_p.
        The record warns of observations outside the prior predictive.
    """
    (model,) = inputs.models.values()
    emulator = model.network.emulator(model.settings["kernel"])
    count, draws = (inputs.settings[name] for name in ("observations", "draws"))
    with open_pairs(inputs.reference) as file:
        observations = file.read(0, count).inputs.reshape(count, -1).astype(np.float64)
    generator = np.random.default_rng(job_seed(inputs.seed, "predictive"))
    drawn = system.prior.sample(PRIOR_DRAWS, generator)
    prior = replicas(emulator, system.prior.standardised(drawn), generator)
    from_prior = distances(observations, prior)
    prior_p = stats.chi2.sf(from_prior**2, observations.shape[1])
    parts = []
    for number, y in enumerate(observations):
        theta = model.posterior(emulator, y, draws, int(generator.integers(2**31)))
        drawn = replicas(emulator, system.prior.standardised(theta), generator)
        mean, deviation = drawn.mean(0), drawn.std(0, ddof=1)
        columns = {
            "observation": number,
            "observable": np.arange(len(y)),
            "value": y,
            "mean": mean,
            "deviation": deviation,
            "z": (y - mean) / deviation,
            "p": float((distances(drawn, drawn) > distances(y[None], drawn)).mean()),
            "prior_distance": from_prior[number] / np.sqrt(len(y)),
            "prior_p": prior_p[number],
        }
        parts.append(pd.DataFrame(columns))
    outside = {
        str(n): f"{from_prior[n] / np.sqrt(observations.shape[1]):.1f} deviations from the prior predictive"
        for n in np.flatnonzero(prior_p < OUTSIDE)
    }
    return StudyTable(pd.concat(parts), {"observations_outside_the_prior": outside})


def replicas(emulator: ObservableEmulator, points: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw observables (n, m) of standardised parameters (n, d)."""
    mean, covariance = emulator.predict(points)
    noise = generator.standard_normal(mean.shape)
    return mean + np.einsum("nij,nj->ni", np.linalg.cholesky(covariance), noise)


def distances(points: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Distance of points (q, m) from the mean of draws (n, m), by their covariance, (q,)."""
    difference = points - drawn.mean(0)
    inverse = np.linalg.inv(np.cov(drawn.T))
    return np.sqrt(np.einsum("qi,ij,qj->q", difference, inverse, difference))
