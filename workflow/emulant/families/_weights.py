"""Study `weights`: how good the importance weights of a model that knows log q are, from both sides."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from emulant.contracts.family import Family, HasLogDensity
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.forms import open_samples
from emulant.randomness.seeds import job_seed
from emulant.scalar.weight_features import explained_by, weight_features
from emulant.statistics.weights import (
    effective_fraction,
    forward_fraction,
    largest_share,
    minus_log_mean,
    second_order,
)

__all__ = ["study_exact_weights", "study_weights"]

BATCH = 1024
"""Fields that are moved together; random numbers belong to batches."""
REFINED = (2, 4)
"""Multiples of the steps of a generation: a training may have learned to use the error of the integrator."""
REFINED_SAMPLES = 1024
"""Samples at more steps, by the random numbers of the first of all: the shift of ln w is the same for nearly all of them."""


def study_weights(system: Any, inputs: StudyInputs) -> StudyTable:
    """Weigh fresh samples of a model at 1, 2 and 4 times its steps, and the reference's own fields.

    Rows `reverse` are of the model's samples, as many as it generates, and of some of them, by the same random numbers, at
    more steps; the row `forward` is of the reference's, whose effective fraction sees phases that a model never visits.

    Returns:
        Columns direction, steps, samples, ess, ess_error, largest_share, minus_log_z, minus_log_z_error, second_order,
        second_order_error, positive (part of the samples, by weight, with M > 0) and its error. The record says by which
        features of the field ln w is explained, and how far ln w moves with the steps in units of the error of ln Z.
    """
    (model,) = inputs.models.values()
    generation = model.settings["generation"]
    steps, samples = generation["steps"], generation["samples"]
    fields, log_weight = _weighed(model, system, samples, inputs.seed)
    rows = [{"direction": "reverse", "steps": steps, **_reverse(fields, log_weight)}]
    few, shifts = min(samples, REFINED_SAMPLES), []
    for factor in REFINED:
        refined = _refined(model, steps * factor)
        finer, finer_weight = _weighed(refined, system, few, inputs.seed)
        rows.append({"direction": "reverse", "steps": steps * factor, **_reverse(finer, finer_weight)})
        shifts.append(float(np.abs((finer_weight - log_weight[:few]).mean())))
    rows.append({"direction": "forward", "steps": steps, **_forward(model, system, inputs, samples)})
    shift = max(shifts) / rows[0]["minus_log_z_error"]
    explained = explained_by(log_weight, weight_features(fields.numpy()))
    return StudyTable(pd.DataFrame(rows), {"integrator_shift": shift, "explained": explained})


def study_exact_weights(system: Any, inputs: StudyInputs) -> StudyTable:
    """Weigh fresh samples of a model whose density has no integrator, and the reference's own fields.

    Returns:
        Rows `reverse` and `forward` with the columns of `study_weights` but steps. The record says by which features of the
        field ln w is explained, and how far ln w moves, in units of the error of ln Z, where some of the samples are
        inverted in double precision: what rounding in the map and its determinant amounts to.
    """
    (model,) = inputs.models.values()
    samples = model.settings["generation"]["samples"]
    fields, log_weight = _weighed(model, system, samples, inputs.seed)
    few = fields[:REFINED_SAMPLES]
    inverted = -system.action(few.double()) - model.log_density(few)
    rounding = float(np.abs((inverted.numpy() - log_weight[: len(few)]).mean()))
    rows = [
        {"direction": "reverse", **_reverse(fields, log_weight)},
        {"direction": "forward", **_forward(model, system, inputs, samples)},
    ]
    explained = explained_by(log_weight, weight_features(fields.numpy()))
    record = {"rounding_shift": rounding / rows[0]["minus_log_z_error"], "explained": explained}
    return StudyTable(pd.DataFrame(rows), record)


def _refined(model: Any, steps: int) -> Any:
    """A copy of the model with another number of steps."""
    refined = copy.copy(model)
    refined.settings = {**model.settings, "generation": {**model.settings["generation"], "steps": steps}}
    return refined


def _weighed(model: Family, system: Any, samples: int, seed: int) -> tuple[Tensor, np.ndarray]:
    """Fresh samples and ln w = -S - log q."""
    fields, weights = [], []
    for count, generator in _batches(samples, seed):
        drawn = model.sample(count, generator)
        fields.append(drawn.values)
        weights.append(-system.action(drawn.values.double()) - drawn.log_q)
    return torch.cat(fields), torch.cat(weights).numpy()


def _batches(count: int, seed: int) -> Iterator[tuple[int, torch.Generator]]:
    """Sizes of batches and their random numbers."""
    for first in range(0, count, BATCH):
        generator = torch.Generator().manual_seed(job_seed(seed, "batch", str(first)))
        yield min(BATCH, count - first), generator


def _reverse(fields: Tensor, log_weight: np.ndarray) -> dict[str, Any]:
    """Say what samples of q with their weights tell."""
    ess, ess_error = effective_fraction(log_weight)
    log_z, error = minus_log_mean(log_weight)
    order, order_error = second_order(log_weight)
    weight = np.exp(log_weight - log_weight.max())
    upward = _upward(fields)
    positive = float((weight * upward).sum() / weight.sum())
    influence = weight * (upward - positive) / weight.sum()
    return {
        "samples": len(log_weight),
        "ess": ess,
        "ess_error": ess_error,
        "largest_share": largest_share(log_weight),
        "minus_log_z": log_z,
        "minus_log_z_error": error,
        "second_order": order,
        "second_order_error": order_error,
        "positive": positive,
        "positive_error": float(np.sqrt((influence**2).sum())),
    }


def _forward(model: HasLogDensity, system: Any, inputs: StudyInputs, samples: int) -> dict[str, Any]:
    """Say what fields of the reference, as far apart as their number allows, tell of q: -ln Z = ln <1/w> over them."""
    with open_samples(inputs.reference, system) as reference:
        fields = torch.from_numpy(reference.read()[:: max(1, len(reference) // samples)].copy())
    parts = fields.split(BATCH)
    log_q = torch.cat([model.log_density(part) for part in parts])
    log_weight = (-system.action(fields).double() - log_q).numpy()
    ess, ess_error = forward_fraction(log_weight)
    log_z, error = minus_log_mean(-log_weight)
    order, order_error = second_order(-log_weight)
    upward = _upward(fields)
    return {
        "samples": len(log_weight),
        "ess": ess,
        "ess_error": ess_error,
        "largest_share": largest_share(-log_weight),
        "minus_log_z": -log_z,
        "minus_log_z_error": error,
        "second_order": -order,
        "second_order_error": order_error,
        "positive": float(upward.mean()),
        "positive_error": float(upward.std() / np.sqrt(len(upward))),
    }


def _upward(fields: Tensor) -> np.ndarray:
    """Whether the mean of each field is positive, (N,) of 0 and 1."""
    return (fields.flatten(1).double().sum(1) > 0).double().numpy()
