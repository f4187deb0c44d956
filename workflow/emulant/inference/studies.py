"""Studies of posteriors that any system with a prior can declare."""

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasPrior
from emulant.inference.draws import Draws, draws_of
from emulant.inference.summaries import components_of, covered, information, mean_and_deviation
from emulant.randomness.seeds import job_seed
from emulant.statistics.calibration import randomised_ranks
from emulant.statistics.classifier import separation
from emulant.statistics.local_calibration import local_p_values
from emulant.storage.pairs import open_pairs

__all__ = ["HasPosterior", "study_posterior"]

MOST_ROWS = 16384
"""Draws that a classifier sees: its accuracy is then known to half a per cent."""

LOCAL = 32
"""Draws of an observation that the local test takes: more do not make it sharper, as there is one truth."""
REFUSED = 0.05
"""p-value below which an observation's posterior is refused: as many are where all are right, on average."""


@runtime_checkable
class HasPosterior(Protocol):
    """A system whose posterior can be drawn from exactly."""

    def posterior(self, inputs: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
        """Draw from the posterior of each observation (N, m), (draws, N, d)."""


def study_posterior(system: HasPrior, inputs: StudyInputs) -> StudyTable:
    """Say how precise, calibrated and informative the posteriors of each model are, and how far from exact ones.

    Returns:
        Columns model, parameter, rmse (of the posterior mean), deviation (mean of the posterior's), coverage_68,
        coverage_95, information (nats, of all parameters together), local (p-value of the local classifier tests of all
        observations), refused (share of observations whose own test has p < 0.05); where the system knows the posterior also
        shift (root mean square of the difference of means in exact deviations), width (mean ratio of deviations), and
        separation (accuracy of a classifier between draws and exact draws) with its error. The record has the numbers of
        observations and draws.
    """
    with open_pairs(inputs.reference) as file:
        reference = file.read()
    rows, sizes = [], {}
    for name, path in inputs.ensembles.items():
        with open_pairs(path) as file:
            draws = draws_of(reference, file.read())
        sizes[name] = {"observations": len(draws.truth), "draws": len(draws.draws)}
        rows += _rows(system, name, draws, job_seed(inputs.seed, name))
    return StudyTable(pd.DataFrame(rows), {"models": sizes})


def _rows(system: HasPrior, name: str, draws: Draws, seed: int) -> Iterator[dict[str, Any]]:
    """One row for each parameter."""
    generator = np.random.default_rng(seed)
    mean, deviation = mean_and_deviation(draws.draws)
    u = randomised_ranks(draws.truth, draws.draws, generator)
    normal = system.prior.normal(draws.draws)
    local, together = local_p_values(
        components_of(draws.inputs), system.prior.normal(draws.truth), normal[:LOCAL], seed
    )
    shared = {
        "information": information(normal, np.eye(normal.shape[-1])),
        "local": together,
        "refused": float((local < REFUSED).mean()),
    }
    exact = _against_exact(system, draws, generator) if isinstance(system, HasPosterior) else {}
    for k, parameter in enumerate(system.prior.names):
        yield {
            "model": name,
            "parameter": parameter,
            "rmse": float(np.sqrt(np.square(mean - draws.truth)[:, k].mean())),
            "deviation": float(deviation[:, k].mean()),
            "coverage_68": float(covered(u, 0.6827)[k]),
            "coverage_95": float(covered(u, 0.9545)[k]),
            **shared,
            **{column: float(np.atleast_1d(values)[k % np.size(values)]) for column, values in exact.items()},
        }


def _against_exact(system: HasPosterior, draws: Draws, generator: np.random.Generator) -> dict[str, Any]:
    """Compare draws with exact ones of the same observations, whitened by the exact posterior's moments."""
    exact = system.posterior(draws.inputs, 4 * len(draws.draws), generator)
    centre, unit = mean_and_deviation(exact)
    mean, deviation = mean_and_deviation(draws.draws)
    both = [((part - centre) / unit).swapaxes(0, 1) for part in (draws.draws, exact[: len(draws.draws)])]
    flat = [part.reshape(-1, part.shape[-1]) for part in both]
    every = -(-len(flat[0]) // MOST_ROWS)
    accuracy, error = separation(*(part[::every] for part in flat), int(generator.integers(2**31)))
    return {
        "shift": np.sqrt(np.square((mean - centre) / unit).mean(0)),
        "width": (deviation / unit).mean(0),
        "separation": accuracy,
        "separation_error": error,
    }
