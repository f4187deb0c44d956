"""Study `robustness`: what models make of slices of a physics that no training had."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.kinetic.pair_correlations import pair_values
from emulant.randomness.seeds import job_seed
from emulant.statistics.bootstrap import bootstrap
from emulant.storage.pairs import Pairs
from emulant.storage.pieces import Piece
from emulant.systems.charge_transport.answers import answer
from emulant.systems.charge_transport.reference import LABEL, samplers
from emulant.systems.charge_transport.system import ChargeTransport
from emulant.systems.charge_transport.views import dipoles

__all__ = ["made_pairs", "study_robustness"]

COPPER = {"projectile": "Cu", "target": "Cu", "impact": [5.5, 5.5]}
"""Another size at the same impact parameter in units of the radii: a third of the participants."""


def study_robustness(system: ChargeTransport, inputs: StudyInputs) -> StudyTable:
    """Make samples of each case and ask every model for the mean.

    A model that is linear in the dipole has the slope of its training times what survives here over what survives there,
    `survival`.

    Returns:
        Columns case, model, samples, slope of the recovered on the true f (where all are alike, their ratio), bias, rmse
        and Delta gamma, errors of these, `survival` with its error.
    """
    rows, trained = [], np.nan
    for case, changes in _cases(system, inputs.settings["separation"]).items():
        seed = job_seed(inputs.seed, case)
        pairs = made_pairs(ChargeTransport(system.parameters | changes), inputs.settings["samples"], seed)
        physics = _estimates(_physics, _moments(pairs), seed, ("survival", "delta_gamma"))
        trained = trained if rows else physics["survival"]
        survival = {name: physics[name] / trained for name in ("survival", "survival_error")}
        for name, model in inputs.models.items():
            generator = torch.Generator().manual_seed(job_seed(seed, name))
            estimate = answer(model, pairs, generator, "mean").conditions["separation"]
            errors = _estimates(_errors, _error_moments(estimate, pairs), seed, ("slope", "bias", "rmse"))
            rows.append({"case": case, "model": name, "samples": len(pairs)} | errors | physics | survival)
    return StudyTable(pd.DataFrame(rows), {"label": LABEL, "samples": inputs.settings["samples"]})


def _cases(system: ChargeTransport, beyond: float) -> dict[str, dict[str, Any]]:
    """Name -> what differs from the training's parameters; the first is the training's own."""
    cross_section = sum(system.cross_sections) / 2
    return {
        "as trained": {},
        "half the cross section": {"parton_cross_section": 0.5 * cross_section},
        "1.5 times the cross section": {"parton_cross_section": 1.5 * cross_section},
        "beyond the range": {"separation": [beyond, beyond]},
        "Cu+Cu": COPPER,
        "no separation": {"separation": [0.0, 0.0]},
        "no separation, all charges local, twice the flow": {
            "separation": [0.0, 0.0],
            "local_charges": 1.0,
            "flow": 2 * system.parameters["flow"],
        },
    }


def made_pairs(system: ChargeTransport, count: int, seed: int) -> Pairs:
    """Make samples in memory."""
    chunks = samplers["transport"].generate(system, Piece(0, Path(), 0, count), {}, seed)
    parts = [chunk.samples for chunk in chunks]
    conditions = {name: np.concatenate([p.conditions[name] for p in parts]) for name in parts[0].conditions}
    inputs, outputs = (
        np.concatenate(arrays) for arrays in zip(*((p.inputs, p.outputs) for p in parts), strict=True)
    )
    return Pairs(inputs, outputs, conditions)


def _moments(pairs: Pairs) -> np.ndarray:
    """Pair sums, f times the last dipole, and f^2 of each sample."""
    f, last = pairs.conditions["separation"], dipoles(pairs)[:, -1]
    return np.column_stack([pairs.conditions["pairs"], f * last, f**2])


def _physics(means: np.ndarray) -> np.ndarray:
    """Response of the last dipole (NaN where nothing is separated), and Delta gamma."""
    return np.stack([_ratio(means[..., -2], means[..., -1]), pair_values(means[..., :-2])[..., 2]], axis=-1)


def _error_moments(estimate: np.ndarray, pairs: Pairs) -> np.ndarray:
    f = pairs.conditions["separation"]
    return np.column_stack([estimate * f, f**2, estimate - f, (estimate - f) ** 2])


def _errors(means: np.ndarray) -> np.ndarray:
    """Slope through the origin, bias and rmse."""
    product, square, bias, error = np.moveaxis(means, -1, 0)
    return np.stack([_ratio(product, square), bias, np.sqrt(error)], axis=-1)


def _ratio(product: np.ndarray, square: np.ndarray) -> np.ndarray:
    return product / np.where(square > 0, square, np.nan)


def _estimates(function: Any, primaries: np.ndarray, seed: int, names: tuple[str, ...]) -> dict[str, float]:
    """Values by name, with errors by bootstrap over samples."""
    estimate = bootstrap(primaries, function, seed=seed)
    pairs = zip(names, estimate.value, estimate.error, strict=True)
    return {key: float(x) for name, v, e in pairs for key, x in ((name, v), (f"{name}_error", e))}
