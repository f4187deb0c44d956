"""Study `unfolded`: the charge separation that models recover from last slices, at every slice, with its intervals."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.statistics.regression import slope_of
from emulant.storage.pairs import Pairs, open_pairs
from emulant.systems.charge_transport.answers import (
    answer,
    bayes_floor,
    floor_of,
    independent_floor_of,
    responses_of,
)
from emulant.systems.charge_transport.reference import LABEL
from emulant.systems.charge_transport.system import ChargeTransport
from emulant.systems.charge_transport.views import all_slices, dipoles, rank_counts

__all__ = ["SEPARATION", "study_unfolded"]

SEPARATION = -1
"""Number of the row that is of f itself and not of a slice."""
CENTRAL = 0.68


def study_unfolded(system: ChargeTransport, inputs: StudyInputs) -> StudyTable:
    """Ask every model what led to the inputs of the reference.

    f at a slice is its dipole over the response of true slices; truths have fluctuations of their own there.

    Returns:
        Columns model, slice (SEPARATION for f itself), sample, separation, truth, mean, low, high, rank, draws, response
        (dipole of a unit separation). The record has floors, and of each model and slice rmse, bias, slopes, coverage, the
        p-value of the ranks, R^2 of rho^+ - rho^-.
    """
    with open_pairs(inputs.reference) as file:
        pairs = file.read()
    responses = responses_of(pairs)[:-1]
    record, tables = _floors(pairs, system), []
    for name, model in inputs.models.items():
        generator = torch.Generator().manual_seed(job_seed(inputs.seed, name))
        mean = answer(model, pairs, generator, "mean")
        draws = [answer(model, pairs, generator) for _ in range(inputs.settings["repeats"])]
        columns = [_numbers(part, responses) for part in (pairs, mean, *draws)]
        table = pd.concat(_rows(pairs.conditions["separation"], *columns), ignore_index=True)
        table["response"] = np.repeat([1.0, *responses], len(pairs))
        tables.append(table.assign(model=name))
        record[name] = _summary(table, _determination(pairs, mean))
    return StudyTable(pd.concat(tables, ignore_index=True), record)


def _floors(pairs: Pairs, system: ChargeTransport) -> dict[str, Any]:
    """What no estimate can be better than: without bias; linear, at the variance of the prior of f; any, at its range."""
    floor, width = floor_of(pairs), np.sqrt((pairs.conditions["separation"] ** 2).mean())
    return {
        "label": LABEL,
        "floor": floor,
        "floor_with_prior": float((floor**-2 + width**-2) ** -0.5),
        "floor_of_any": bayes_floor(floor, *system.parameters["separation"]),
        "floor_of_independent_particles": independent_floor_of(pairs, system.parameters["events"]),
    }


def _numbers(pairs: Pairs, responses: np.ndarray) -> np.ndarray:
    """F, then f at each slice, (1 + slices, n)."""
    return np.column_stack([pairs.conditions["separation"], dipoles(pairs)[:, :-1] / responses]).T


def _rows(
    separation: np.ndarray, truth: np.ndarray, mean: np.ndarray, *draws: np.ndarray
) -> Iterator[pd.DataFrame]:
    """Rows of f and of each slice."""
    ordered = np.sort(draws, axis=0)
    low, high = _interval(len(draws))
    for number in range(len(truth)):
        yield pd.DataFrame(
            {
                "slice": number - 1,
                "sample": np.arange(len(separation)),
                "separation": separation,
                "truth": truth[number],
                "mean": mean[number],
                "low": ordered[low, number],
                "high": ordered[high, number],
                "rank": (ordered[:, number] < truth[number]).sum(axis=0),
                "draws": len(draws),
            }
        )


def _interval(draws: int) -> tuple[int, int]:
    """Which of ordered draws bound an interval that has the truth with nearly CENTRAL of the probability."""
    outside = max(1, round((1 - CENTRAL) / 2 * (draws + 1)))
    return outside - 1, draws - outside


def _summary(table: pd.DataFrame, determination: np.ndarray) -> dict[str, Any]:
    """What is said of f, and of each slice, of a model."""
    rows = {name: _of_slice(part) for name, part in table.groupby("slice")}
    slices = [
        {"slice": number, **rows[number], "determination": float(value)}
        for number, value in enumerate(determination)
    ]
    return {**rows[SEPARATION], "slices": slices}


def _of_slice(part: pd.DataFrame) -> dict[str, float]:
    """Errors of f, and ranks and coverage of what is true of the slice."""
    f, mean, count = (part[name].to_numpy() for name in ("separation", "mean", "draws"))
    errors = mean - f
    slope, slope_error = slope_of(f, mean)
    calibration, calibration_error = slope_of(mean, f)
    low, high = _interval(int(count[0]))
    covered = part["truth"].between(part["low"], part["high"]).mean()
    observed, expected = rank_counts(part["rank"].to_numpy(), int(count[0]))
    return {
        "rmse": float(np.sqrt((errors**2).mean())),
        "bias": float(errors.mean()),
        "bias_error": float(errors.std() / np.sqrt(len(f))),
        "slope": slope,
        "slope_error": slope_error,
        "calibration": calibration,
        "calibration_error": calibration_error,
        "coverage": float(covered),
        "coverage_expected": (high - low) / (int(count[0]) + 1),
        "ranks_p": float(stats.chisquare(observed, expected).pvalue),
    }


def _determination(pairs: Pairs, mean: Pairs) -> np.ndarray:
    """R^2 of rho^+ - rho^- at each slice, over all bins and samples, beside none at all."""
    truth, answers = (_differences(part) for part in (pairs, mean))
    return 1 - ((truth - answers) ** 2).sum((0, 2, 3)) / (truth**2).sum((0, 2, 3))


def _differences(pairs: Pairs) -> np.ndarray:
    return all_slices(pairs)[:, :-1, 0] - all_slices(pairs)[:, :-1, 1]
