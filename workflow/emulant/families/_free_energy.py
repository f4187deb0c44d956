"""Study `free_energy`: -ln Z of models that know log q, variational and by importance weights, against beta."""

from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.family import Family
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasLogPartition
from emulant.families._temperatures import CONDITION
from emulant.randomness.seeds import job_seed
from emulant.statistics.jackknife import jackknife_error
from emulant.statistics.weights import effective_fraction, minus_log_mean

__all__ = ["CHUNK", "study_free_energy", "weighed_samples"]

CHUNK = 1024
"""Samples of one batch; random numbers belong to batches."""


def study_free_energy(system: Any, inputs: StudyInputs) -> StudyTable:
    """Weigh fresh samples of a model at each of some temperatures, by default the system's own.

    Returns:
        Columns beta, samples, sites, ess, ess_error, divergence KL(q || p) and its error, variational (<S + ln q>, not below
        -ln Z but by chance), minus_log_z (by weights), their errors, and exact, -ln Z where it is known. The record has
        the largest pull of minus_log_z from it.

    Raises:
        InputError: for a temperature outside of those of the training.
    """
    (model,), settings = inputs.models.values(), inputs.settings
    rows = []
    for beta in settings["betas"] or [system.parameters[CONDITION]]:
        elsewhere = system.at({CONDITION: beta})
        seed = job_seed(inputs.seed, CONDITION, f"{beta}")
        _, log_weight = weighed_samples(model.at(elsewhere), elsewhere, settings["samples"], seed)
        rows.append({"beta": beta, "sites": int(np.prod(system.site_shape)), **_row(log_weight, elsewhere)})
    table = pd.DataFrame(rows)
    pulls = ((table["minus_log_z"] - table["exact"]) / table["minus_log_z_error"]).abs().dropna()
    return StudyTable(table, {"largest_pull": float(pulls.max())} if len(pulls) else {})


@torch.no_grad()
def weighed_samples(model: Family, system: Any, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Fresh samples and ln w = -S - log q."""
    values, weights = [], []
    for first in range(0, samples, CHUNK):
        generator = torch.Generator().manual_seed(job_seed(seed, "batch", str(first)))
        drawn = model.sample(min(CHUNK, samples - first), generator)
        values.append(drawn.values)
        weights.append(-system.action(drawn.values) - drawn.log_q)
    return torch.cat(values).numpy(), torch.cat(weights).double().numpy()


def _row(log_weight: np.ndarray, system: Any) -> dict[str, float]:
    ess, ess_error = effective_fraction(log_weight)
    minus_log_z, error = minus_log_mean(log_weight)
    exact = -system.log_partition() if isinstance(system, HasLogPartition) else float("nan")
    divergence, divergence_error = _divergence(log_weight)
    return {
        "samples": len(log_weight),
        "ess": ess,
        "ess_error": ess_error,
        "divergence": divergence,
        "divergence_error": divergence_error,
        "variational": float(-log_weight.mean()),
        "variational_error": float(log_weight.std(ddof=1) / np.sqrt(len(log_weight))),
        "minus_log_z": minus_log_z,
        "minus_log_z_error": error,
        "exact": exact,
    }


def _divergence(log_weight: np.ndarray) -> tuple[float, float]:
    """KL(q || p) = ln <w> - <ln w>, never negative, with its jackknife error: near q = p the noise of both terms cancels."""
    count, weight = len(log_weight), np.exp(log_weight - log_weight.max())
    without = np.log((weight.sum() - weight) / (count - 1))
    without -= (log_weight.sum() - log_weight) / (count - 1) - log_weight.max()
    value = np.log(weight.mean()) + log_weight.max() - log_weight.mean()
    return float(value), float(jackknife_error(without[:, None])[0])
