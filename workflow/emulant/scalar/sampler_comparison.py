"""Study `samplers`: what each sampler of one action reaches at which cost, learned ones beside those that learn nothing."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.family import HasCost
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.scalar.moves import kernel_of
from emulant.scalar.starts import start_at
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.storage.ensemble import open_ensemble
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.yardsticks import annealed_rows, moves_row, sequential_rows

__all__ = ["compare_samplers"]

MOVES = 64
"""Moves of each walker behind the autocorrelation of the moves alone: some ten times the longest of the laptop scale."""


@torch.no_grad()
def compare_samplers(system: Any, inputs: StudyInputs) -> StudyTable:
    """Weigh annealing, sequential Monte Carlo and the moves alone beside every model whose ensemble records weights.

    Returns:
        Columns sampler, levels (0 where there are none), samples, ess (effective part, of the moves 1/(2 tau_int)),
        minus_log_z, their errors, operations (floating point, for each sample) and training_operations. The record says
        of each model whether its effective part is above that of annealing at the same cost.
    """
    settings = inputs.settings
    start = start_at(system, settings["phases"])
    kernel = kernel_of(system, start)
    annealing = Annealing(start, system.action, kernel.moves, levels_of(1))
    shared = {"walkers": settings["walkers"], "seed": inputs.seed, "cost": kernel.operations}
    rows = [
        moves_row(annealing, system.odd, moves=MOVES, **shared),
        *annealed_rows(annealing, settings["levels"], runs=settings["runs"], **shared),
        *sequential_rows(annealing, runs=settings["runs"], **shared),
        *_models(system, inputs.models, inputs.ensembles),
    ]
    table = pd.DataFrame(rows)
    return StudyTable(table, {"above_annealing": _above(table)})


def _models(
    system: Any, models: Mapping[str, Any], ensembles: Mapping[str, Path]
) -> Iterator[dict[str, Any]]:
    """Rows of the models that record weights and count what they compute."""
    for name, file in ensembles.items():
        model = models[name]
        with open_ensemble(file) as ensemble:
            log_weight = ensemble.recorded_log_weight
        if log_weight is None or not isinstance(model, HasCost):
            continue
        ess, ess_error = effective_fraction(log_weight)
        value, error = minus_log_mean(log_weight)
        yield {
            "sampler": name,
            "levels": model.settings.get("levels", 0),
            "samples": len(log_weight),
            "ess": ess,
            "ess_error": ess_error,
            "minus_log_z": value,
            "minus_log_z_error": error,
            "operations": model.operations,
            "training_operations": model.training_operations,
        }


def _above(table: pd.DataFrame) -> dict[str, bool]:
    """Whether each model has a larger effective part than annealing of its cost, interpolated in the logarithm of the cost.

    Where annealing was not tried at so high a cost, its largest effective part counts, and at so low a cost its smallest.
    """
    curve = table[table["sampler"] == "annealing"].sort_values("operations")
    models = table[~table["sampler"].isin(["annealing", "sequential", "moves"])]
    return {
        row.sampler: bool(
            row.ess > np.interp(np.log(row.operations), np.log(curve["operations"]), curve["ess"])
        )
        for row in models.itertuples()
    }
