"""Studies: posteriors of the models beside exact ones, and the evidence by nested sampling beside its closed form."""

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.inference.evidence import nested_sampling, weighted_evidence
from emulant.inference.studies import study_posterior
from emulant.randomness.seeds import job_seed
from emulant.storage.pairs import open_pairs
from emulant.systems.linear_gaussian.system import LinearResponse

__all__ = ["studies"]

WEIGHTS = 10_000
"""They know ln p(y) to a hundredth, and cost less than a second."""


def study_evidence(system: LinearResponse, inputs: StudyInputs) -> StudyTable:
    """Compute ln p(y) of the first observations by nested sampling, and by weights about its draws.

    Returns:
        Columns observation, exact, log_evidence, error, weighted and weighted_error, and shift, the largest difference of
        posterior means in exact deviations.
    """
    with open_pairs(inputs.reference) as file:
        observations = file.read(0, inputs.settings["observations"]).inputs.astype(np.float64)
    rows = [_row(system, n, y, inputs) for n, y in enumerate(observations)]
    return StudyTable(pd.DataFrame(rows), {"live_points": inputs.settings["live_points"]})


def _row(
    system: LinearResponse, number: int, observation: np.ndarray, inputs: StudyInputs
) -> dict[str, float]:
    """Compute one row."""
    law, seed = system.law, job_seed(inputs.seed, str(number))

    def log_likelihood(theta: np.ndarray) -> np.ndarray:
        return law.log_likelihood(theta, observation)

    live = inputs.settings["live_points"]
    result = nested_sampling(log_likelihood, system.prior, live_points=live, seed=seed)
    weighted, error = weighted_evidence(log_likelihood, system.prior, result.draws, count=WEIGHTS, seed=seed)
    difference = result.draws.mean(0) - law.posterior_mean(observation[None])[0]
    return {
        "observation": number,
        "exact": float(law.log_evidence(observation[None])[0]),
        "log_evidence": result.log_evidence,
        "error": result.error,
        "weighted": weighted,
        "weighted_error": error,
        "shift": float(np.abs(difference / np.sqrt(np.diag(law.covariance))).max()),
    }


studies = {"posterior": study_posterior, "evidence": study_evidence}
