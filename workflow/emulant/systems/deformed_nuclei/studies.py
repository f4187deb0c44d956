"""Studies: posteriors of the models, and what they know from bags of few and of many events."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.inference.studies import study_posterior
from emulant.randomness.seeds import job_seed
from emulant.statistics.calibration import randomised_ranks
from emulant.storage.pairs import Pairs, open_pairs
from emulant.systems.deformed_nuclei.system import DeformedNuclei

__all__ = ["studies"]

DEFORMED = 0.375
"""Magnitude, over the largest, from which on it is felt linearly: near zero events feel its square, which is known to
N^(-1/2), so that the magnitude is known to N^(-1/4) there, and to N^(-1/2) elsewhere."""


def study_bag_sizes(system: DeformedNuclei, inputs: StudyInputs) -> StudyTable:
    """Draw posteriors from the first events of every bag of the reference.

    Returns:
        Columns model, parameter, events, rmse (of the mean), rmse_magnitude (of the mean of the absolute value), sign (area
        under the curve of the share of positive draws), deviation (mean of the posterior's), deviation_magnitude,
        deviation_deformed (the same of bags with a magnitude above DEFORMED), ranks (p-value of their uniformity),
        coverage_68. The record has, of each model and parameter, the slopes d ln deviation / d ln events between the two
        largest sizes.
    """
    with open_pairs(inputs.reference) as file:
        reference = file.read()
    table = pd.DataFrame(
        row
        for name, model in inputs.models.items()
        for events in inputs.settings["sizes"]
        if events <= system.parameters["events"]
        for row in _rows(system, name, events, _draws(model, reference, events, inputs), reference.outputs)
    )
    return StudyTable(table, {"slopes": _slopes(table)})


def _draws(model: Any, reference: Pairs, events: int, inputs: StudyInputs) -> np.ndarray:
    """Draw (draws, N, d) from a model that sees the first `events` events of each bag."""
    bags = reference.inputs.copy()
    bags[:, events:] = 0.0
    generator = torch.Generator().manual_seed(job_seed(inputs.seed, model.settings["name"], str(events)))
    condition = {"inputs": torch.from_numpy(bags)}
    draws = inputs.settings["draws"]
    return np.stack([model.sample(len(bags), generator, condition).values.numpy() for _ in range(draws)])


def _rows(
    system: DeformedNuclei, name: str, events: int, draws: np.ndarray, truth: np.ndarray
) -> Iterator[dict[str, Any]]:
    """One row for each parameter."""
    u = randomised_ranks(truth, draws, np.random.default_rng(0))
    for k, parameter in enumerate(system.prior.names):
        drawn, true = draws[..., k], truth[:, k]
        magnitude, deformed = np.abs(drawn), np.abs(true) > DEFORMED * np.abs(true).max()
        yield {
            "model": name,
            "parameter": parameter,
            "events": events,
            "rmse": float(np.sqrt(np.square(drawn.mean(0) - true).mean())),
            "rmse_magnitude": float(np.sqrt(np.square(magnitude.mean(0) - np.abs(true)).mean())),
            "sign": _area((drawn > 0).mean(0), true > 0),
            "deviation": float(drawn.std(0).mean()),
            "deviation_magnitude": float(magnitude.std(0).mean()),
            "deviation_deformed": float(magnitude.std(0)[deformed].mean()),
            "ranks": float(stats.kstest(u[:, k], "uniform").pvalue),
            "coverage_68": float((np.abs(u[:, k] - 0.5) < 0.6827 / 2).mean()),
        }


def _area(score: np.ndarray, positive: np.ndarray) -> float:
    """Area under the curve of a score; 1/2 where there is one class."""
    first, second = score[positive], score[~positive]
    if not len(first) or not len(second):
        return 0.5
    return float(stats.mannwhitneyu(first, second).statistic / (len(first) * len(second)))


def _slopes(table: pd.DataFrame) -> dict[str, dict[str, Mapping[str, float]]]:
    """Model -> parameter -> slopes between the two largest sizes."""
    slopes: dict[str, dict[str, Mapping[str, float]]] = {}
    for (model, parameter), rows in table[table["events"] > 0].groupby(["model", "parameter"], sort=False):
        last = rows.sort_values("events").tail(2)
        if len(last) == 2:
            columns = ("deviation", "deviation_magnitude", "deviation_deformed")
            change = np.diff(np.log(last["events"]))[0]
            part = {name: float(np.diff(np.log(last[name]))[0] / change) for name in columns}
            slopes.setdefault(str(model), {})[str(parameter)] = part
    return slopes


studies = {"posterior": study_posterior, "bag_sizes": study_bag_sizes}
