"""Study `samplers`: what each sampler of one action reaches at which cost, learned ones beside those that learn nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode

from emulant.contracts.family import HasCost
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.scalar.moves import hybrid_kernel, kernel_of
from emulant.scalar.starts import start_at
from emulant.storage.ensemble import open_ensemble
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.yardsticks import annealed_rows, moves_row, sequential_rows, weighed

__all__ = ["compare_samplers"]

WITHOUT_LEARNING = ("annealing", "sequential", "moves", "hybrid")
REACHED = ("ess", "ess_error", "minus_log_z", "minus_log_z_error")
COUNTED = 4
"""Samples whose operations torch counts: a batch of one may take other paths."""
MOVES = 64
"""Moves of each walker behind the autocorrelation of the moves alone: some ten times the longest of the laptop scale."""


@torch.no_grad()
def compare_samplers(system: Any, inputs: StudyInputs) -> StudyTable:
    """Weigh annealing, sequential Monte Carlo and Markov moves alone beside every model that knows its weights.

    Returns:
        Columns sampler, levels (0 where there are none), samples, ess (effective part, of Markov moves 1/(2 tau_int)),
        minus_log_z, their errors, operations (floating point, for each sample) and training_operations. The record says
        of each model whether its effective part is above that of annealing at the same cost.
    """
    settings = inputs.settings
    start = start_at(system, settings["phases"])
    kernel, hybrid = kernel_of(system, start), hybrid_kernel(system, start)
    annealing = Annealing(start, system.action, kernel.moves, levels_of(1))
    shared = {"walkers": settings["walkers"], "seed": inputs.seed}
    alone = replace(annealing, moves=hybrid.moves)
    rows = [
        moves_row("hybrid", alone, system.odd, moves=MOVES, cost=hybrid.operations, **shared),
        moves_row("moves", annealing, system.odd, moves=MOVES, cost=kernel.operations, **shared),
        *annealed_rows(
            annealing, settings["levels"], runs=settings["runs"], cost=kernel.operations, **shared
        ),
        *sequential_rows(annealing, runs=settings["runs"], cost=kernel.operations, **shared),
        *_models(inputs),
    ]
    table = pd.DataFrame(rows)
    return StudyTable(table, {"above_annealing": _above(table)})


def _models(inputs: StudyInputs) -> Iterator[dict[str, Any]]:
    """Rows of the models that record weights, or whose log q was integrated for some of their samples."""
    for name, file in inputs.ensembles.items():
        model, record = inputs.models[name], inputs.corrections.get(name)
        with open_ensemble(file) as ensemble:
            log_weight = ensemble.recorded_log_weight
        if log_weight is not None:
            reached = weighed(log_weight)
        elif record is not None:
            reached = {key: record[key] for key in REACHED} | {"samples": record["likelihood_samples"]}
        else:
            continue
        yield {"sampler": name, "levels": model.settings.get("levels", 0), **reached, **_cost(model)}


def _cost(model: Any) -> dict[str, float]:
    """Operations for each sample and of the training, as the model counts them or as torch counts its layers."""
    if isinstance(model, HasCost):
        return {"operations": model.operations, "training_operations": model.training_operations}
    with FlopCounterMode(display=False) as counter:
        model.sample(COUNTED, torch.Generator().manual_seed(0))
    operations, training = counter.get_total_flops() / COUNTED, model.settings["training"]
    # Backwards a network costs twice what it costs forwards.
    examples = 3 * training["steps"] * training["batch"]
    return {
        "operations": operations,
        "training_operations": examples * operations / model.evaluations,
    }


def _above(table: pd.DataFrame) -> dict[str, bool]:
    """Whether each model has a larger effective part than annealing of its cost, interpolated in the logarithm of the cost.

    Where annealing was not tried at so high a cost, its largest effective part counts, and at so low a cost its smallest.
    """
    curve = table[table["sampler"] == "annealing"].sort_values("operations")
    models = table[~table["sampler"].isin([*WITHOUT_LEARNING])]
    return {
        row.sampler: bool(
            row.ess > np.interp(np.log(row.operations), np.log(curve["operations"]), curve["ess"])
        )
        for row in models.itertuples()
    }
