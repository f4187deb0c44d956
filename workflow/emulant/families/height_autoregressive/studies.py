"""Study `chemical_potentials`: a model of worldlines at any mu, raw and weighted, beside worms."""

from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.randomness.seeds import job_seed
from emulant.statistics.pulls import pull
from emulant.statistics.weights import effective_fraction
from emulant.transport.independence import independence_metropolis
from emulant.worldlines.chains import worms_of
from emulant.worldlines.worldline import worldline

__all__ = ["studies"]

THERMALISATION = 100
"""Sweeps of worms before the first measurement."""


def study_chemical_potentials(system: Any, inputs: StudyInputs) -> StudyTable:
    """Draw configurations at several mu, weigh them, and hold them against worms.

    Returns:
        A row for each mu: density and |phi|^2 as generated (`raw_`), weighted, and by worms (`worm_`), with errors; ess, its
        error, acceptance of an independence chain, samples, and `broken`, how many of them break the conservation of
        flux at any site. The record has the largest pull of weighted values and the numbers of samples and of broken ones.
    """
    (model,) = inputs.models.values()
    settings = inputs.settings
    rows = [_row(model, system.at({"mu": mu}), settings, inputs.seed) for mu in settings["mus"]]
    table = pd.DataFrame(rows)
    pulls = [
        pull(row[name], row[f"{name}_error"], row[f"worm_{name}"], row[f"worm_{name}_error"])
        for row in rows
        for name in ("density", "squared")
    ]
    record = {
        "largest_pull": float(np.abs(pulls).max()),
        "samples": int(table["samples"].sum()),
        "broken": int(table["broken"].sum()),
    }
    return StudyTable(table, record)


def _row(model: Any, system: Any, settings: Any, seed: int) -> dict[str, Any]:
    mu, samples = system.parameters["mu"], settings["samples"]
    generator = torch.Generator().manual_seed(job_seed(seed, "samples", f"{mu}"))
    drawn = model.sample(samples, generator, {"mu": mu})
    log_weight = (-system.action(drawn.values) - drawn.log_q).numpy()
    view = system.view(drawn.values.numpy())
    weight = np.exp(log_weight - log_weight.max())
    ess, ess_error = effective_fraction(log_weight)
    chain = independence_metropolis(log_weight, np.random.default_rng(job_seed(seed, "chain", f"{mu}")))
    worms = worldline(
        system.gas,
        sweeps=settings["sweeps"],
        thermalisation=THERMALISATION,
        worms=worms_of(system.gas),
        seed=job_seed(seed, "worms", f"{mu}"),
    ).observables
    row = {"mu": mu, "samples": samples, "broken": int(view.broken.any(1).sum())}
    row |= {"ess": ess, "ess_error": ess_error, "acceptance": chain.acceptance}
    for name, values in (("density", view.density), ("squared", view.moments[0])):
        row |= _mean(f"raw_{name}", values, np.ones(samples)) | _mean(name, values, weight)
        number = getattr(worms, name)
        row |= {f"worm_{name}": number.value, f"worm_{name}_error": number.error}
    return row


def _mean(name: str, values: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Weighted mean of independent values, and its error to first order."""
    mean = float((weight * values).sum() / weight.sum())
    error = float(np.sqrt(((weight * (values - mean)) ** 2).sum()) / weight.sum())
    return {name: mean, f"{name}_error": error}


studies = {"chemical_potentials": study_chemical_potentials}
