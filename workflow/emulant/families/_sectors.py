"""Study `sectors`: how good the weights of a flow of links are, as a whole and in each sector of the topological charge."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from emulant.contracts.family import HasLogDensity
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.contracts.system import HasLogPartition
from emulant.forms import open_samples
from emulant.gauge.arrays import wrapped
from emulant.gauge.charge import topological_charge
from emulant.gauge.plaquettes import plaquette_sums
from emulant.randomness.seeds import job_seed
from emulant.statistics.weights import effective_fraction, forward_fraction, largest_share, minus_log_mean
from emulant.transport.independence import independence_metropolis

__all__ = ["study_sectors"]

FEWEST = 64
"""Samples of a sector whose effective fraction is told."""
WHOLE = "all"


def study_sectors(system: Any, inputs: StudyInputs) -> StudyTable:
    """Weigh fresh samples of a model, and configurations of the reference, in each sector |Q|.

    Returns:
        Columns direction (`reverse`: the model's samples, `forward`: the reference's), sector (`all` or |Q|), samples,
        share (part of the samples), weighted (part of the weight) and, inside the sector, ess, ess_error, largest_share. The
        record has -ln Z from both sides, the exact one where it is known, and the acceptance of an independence chain.
    """
    (model,) = inputs.models.values()
    samples = model.settings["generation"]["samples"]
    drawn = model.sample(samples, torch.Generator().manual_seed(job_seed(inputs.seed, "sectors")))
    log_weight = (-system.action(drawn.values) - drawn.log_q).numpy()
    forward, told = _of_reference(model, system, inputs, samples)
    rows = [
        *_rows("reverse", _sectors(drawn.values), log_weight, log_weight, effective_fraction),
        *_rows("forward", _sectors(forward), told, np.zeros(len(told)), forward_fraction),
    ]
    value, error = minus_log_mean(log_weight)
    forward_value, forward_error = minus_log_mean(-told)
    chain = independence_metropolis(log_weight, np.random.default_rng(job_seed(inputs.seed, "chain")))
    record = {
        "minus_log_z": value,
        "minus_log_z_error": error,
        "minus_log_z_forward": -forward_value,
        "minus_log_z_forward_error": forward_error,
        "acceptance": chain.acceptance,
    }
    exact = {"minus_log_z_exact": -system.log_partition()} if isinstance(system, HasLogPartition) else {}
    return StudyTable(pd.DataFrame(rows), record | exact)


def _of_reference(
    model: HasLogDensity, system: Any, inputs: StudyInputs, samples: int
) -> tuple[Tensor, np.ndarray]:
    """Configurations of the reference, as far apart as their number allows, and ln w of each."""
    with open_samples(inputs.reference, system) as reference:
        links = torch.from_numpy(reference.read()[:: max(1, len(reference) // samples)].copy()).double()
    return links, (-system.action(links) - model.log_density(links)).numpy()


def _sectors(links: Tensor) -> np.ndarray:
    """|Q| of each configuration, (N,)."""
    return np.abs(topological_charge(wrapped(plaquette_sums(links)).numpy())).astype(int)


def _rows(
    direction: str, sector: np.ndarray, log_weight: np.ndarray, counted: np.ndarray, fraction: Any
) -> Iterator[dict[str, Any]]:
    """Describe all samples, and those of each sector that has enough; `counted` is the ln of what each counts."""
    counts = np.exp(counted - counted.max())
    for name in [WHOLE, *np.unique(sector)]:
        inside = np.full(len(sector), True) if name == WHOLE else sector == name
        if inside.sum() < FEWEST:
            continue
        ess, ess_error = fraction(log_weight[inside])
        yield {
            "direction": direction,
            "sector": str(name),
            "samples": int(inside.sum()),
            "share": float(inside.mean()),
            "weighted": float(counts[inside].sum() / counts.sum()),
            "ess": ess,
            "ess_error": ess_error,
            "largest_share": largest_share(log_weight[inside] * (1 if direction == "reverse" else -1)),
        }
