"""Studies of closed paths: gaps with little noise, flows carried to other spacings and to other temperatures."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from emulant.contracts.family import Carried, HasLatents
from emulant.contracts.study import StudyInputs, StudyTable
from emulant.quantum.continuum import continuum_energy, extrapolated
from emulant.quantum.gaussian_levels import gaussian_means
from emulant.quantum.levels import OPERATORS
from emulant.quantum.observables import level
from emulant.quantum.views import Paths
from emulant.randomness.seeds import job_seed
from emulant.statistics.control_variates import Controlled, controlled
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.quantum_path.system import QuantumPath

__all__ = ["studies"]

BATCH = 1024
"""Paths that are moved together; random numbers belong to batches."""


def study_continuum(system: QuantumPath, inputs: StudyInputs) -> StudyTable:
    """Carry each flow to paths of other numbers of points, and extrapolate E_0 by ln Z to a = 0.

    Returns:
        Columns sampler, points, spacing, samples, ess, energy (E_0 at this spacing), their errors, exact. The record has E_0
        extrapolated in a^2 and a^4, with its error, by each flow and from the exact energies, beside the continuum's.
    """
    settings, rows = inputs.settings, []
    for name, model in _carried(inputs.models):
        for points in settings["points"]:
            finer = system.at({"shape": [points]})
            seed = job_seed(inputs.seed, name, str(points))
            _, log_weight = _weighed(model.on(finer), finer, settings["samples"], seed)
            minus_log_z, error = minus_log_mean(log_weight)
            ess, ess_error = effective_fraction(log_weight)
            rows.append(
                {
                    "sampler": name,
                    "points": points,
                    "spacing": finer.spacing,
                    "samples": len(log_weight),
                    "ess": ess,
                    "ess_error": ess_error,
                    "energy": finer.ground_energy(-minus_log_z),
                    "energy_error": error / finer.length,
                    "exact": finer.exact.energies[0],
                }
            )
    table = pd.DataFrame(rows)
    limits = {
        str(name): dict(zip(("energy", "error"), extrapolated(*_columns(part)), strict=True))
        for name, part in (table.groupby("sampler", sort=False) if rows else ())
    }
    continuum = continuum_energy(system.potential, system.mass, system.length)
    return StudyTable(table, {"continuum": continuum, "extrapolated": limits})


def study_temperatures(system: QuantumPath, inputs: StudyInputs) -> StudyTable:
    """Weigh each flow at several temperatures, with the weights as they are.

    Returns:
        Columns sampler, temperature, trained, samples, ess, minus_log_z, energy (by the virial theorem, with the weights),
        raw (without them), their errors, exact (of the energy), exact_minus_log_z.
    """
    settings, rows = inputs.settings, []
    for name, model in _carried(inputs.models):
        trained = model.trained_values.get("temperature", [system.parameters["temperature"]])
        for temperature in settings["temperatures"]:
            other = system.at({"temperature": temperature})
            seed = job_seed(inputs.seed, name, str(temperature))
            paths, log_weight = _weighed(model.at(other), other, settings["samples"], seed)
            label = {"sampler": name, "temperature": temperature, "trained": temperature in trained}
            rows.append(label | _energies(other, paths, log_weight))
    return StudyTable(pd.DataFrame(rows), {})


@torch.no_grad()
def study_gaps(system: QuantumPath, inputs: StudyInputs) -> StudyTable:
    """Measure E_1 - E_0 and E_2 - E_0 of flows with weights, and the correlators of their Gaussian as control variates.

    What a flow does not bend has no noise: the correlators of its latents are known.

    Returns:
        Columns sampler, level, samples, gap and its error, plain and its error (without control variates), exact (of the
        transfer matrix at this spacing), estimator (what infinitely many paths would give).
    """
    settings, rows = inputs.settings, []
    gaps = system.exact.energies[1:] - system.exact.energies[0]
    estimator = [row["value"] for row in system.exact_values() if row["observable"] == level.observable.name]
    for name, model in inputs.models.items():
        if (settings["flows"] and name not in settings["flows"]) or not isinstance(model, HasLatents):
            continue
        measured = _gaps(system, model, settings["samples"], job_seed(inputs.seed, name))
        for k, (number, unlimited) in enumerate(zip(OPERATORS, estimator, strict=True)):
            row = {"sampler": name, "level": number, "samples": settings["samples"]}
            row |= {"gap": measured.value[k], "gap_error": measured.error[k]}
            row |= {"plain": measured.plain[k], "plain_error": measured.plain_error[k]}
            rows.append(row | {"exact": gaps[number - 1], "estimator": unlimited})
    return StudyTable(pd.DataFrame(rows), {})


def _gaps(system: QuantumPath, model: HasLatents, samples: int, seed: int) -> Controlled:
    """Levels by fresh paths of a flow."""
    exact = gaussian_means(model.start.inverse_power.cpu().numpy())
    primaries, controls, weights = [], [], []
    for first in range(0, samples, BATCH):
        generator = torch.Generator().manual_seed(job_seed(seed, "batch", str(first)))
        latents = model.latents(min(BATCH, samples - first), generator)
        paths, log_q = model.transported(latents)
        primaries.append(level.primaries(Paths(paths.double().numpy(), system)))
        controls.append(level.primaries(Paths(latents.double().numpy(), system))[:, :-1] - exact)
        weights.append(-system.action(paths.double()) - log_q)
    log_weight = torch.cat(weights).double().numpy()
    return controlled(
        lambda means: level.value(means, system.site_shape),
        np.concatenate(primaries),
        np.exp(log_weight - log_weight.max()),
        np.concatenate(controls),
    )


def _carried(models: Mapping[str, Any]) -> Iterator[tuple[str, Carried]]:
    """Models whose weights serve other systems too."""
    return ((name, model) for name, model in models.items() if isinstance(model, Carried))


@torch.no_grad()
def _weighed(model: Any, system: QuantumPath, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Fresh paths of a model and ln w = -S - log q."""
    paths, weights = [], []
    for first in range(0, samples, BATCH):
        generator = torch.Generator().manual_seed(job_seed(seed, "batch", str(first)))
        drawn = model.sample(min(BATCH, samples - first), generator)
        paths.append(drawn.values)
        weights.append(-system.action(drawn.values.double()) - drawn.log_q)
    return torch.cat(paths).double().numpy(), torch.cat(weights).numpy()


def _energies(system: QuantumPath, paths: np.ndarray, log_weight: np.ndarray) -> dict[str, float]:
    """Energy with and without weights, and what the weights are worth."""
    virial = system.potential.virial(paths).mean(1)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    energy = float(weight @ virial)
    ess, ess_error = effective_fraction(log_weight)
    minus_log_z, log_z_error = minus_log_mean(log_weight)
    return {
        "samples": len(virial),
        "ess": ess,
        "ess_error": ess_error,
        "minus_log_z": minus_log_z,
        "minus_log_z_error": log_z_error,
        "exact_minus_log_z": -system.log_partition(),
        "energy": energy,
        "energy_error": float(np.sqrt(np.sum((weight * (virial - energy)) ** 2))),
        "raw": float(virial.mean()),
        "raw_error": float(virial.std() / np.sqrt(len(virial))),
        "exact": system.exact.mean(system.potential.virial(system.exact.grid)),
    }


def _columns(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return tuple(part[name].to_numpy() for name in ("spacing", "energy", "energy_error"))


studies = {"continuum": study_continuum, "gaps": study_gaps, "temperatures": study_temperatures}
