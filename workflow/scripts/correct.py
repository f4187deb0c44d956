"""Rule `correct`: make a generated ensemble exact, by Metropolis steps and by importance weights."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from emulant.configuration.seeds import job_seed
from emulant.devices import devices, in_order
from emulant.errors import InputError
from emulant.models import load_model
from emulant.storage.atomic import atomic_path
from emulant.storage.cost import ledger_entry
from emulant.storage.ensemble import Ensemble, EnsembleWriter, open_ensemble
from emulant.storage.records import write_json
from emulant.systems import system_from
from emulant.transport.likelihood import model_log_likelihood
from emulant.transport.metropolis import Closure, metropolis_adjusted_langevin

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

BATCH, LIKELIHOODS = 1024, 64


def main(
    folder: Path,
    ensemble: Path,
    metropolis: Path,
    weighted: Path,
    likelihood: Path,
    record: Path,
    cost: Path,
    *,
    system: dict,
    correction: dict,
    seed: int,
    threads: int,
) -> None:
    """Write both corrected ensembles, the likelihoods, and what the corrections say of the model."""
    given = devices()
    device = given[0].split(":")[0]
    physics, copies = system_from(system), [(load_model(folder).place(place), place) for place in given]
    model = copies[0][0]
    if tuple(model.site_shape) != tuple(physics.site_shape):
        expected = f"lattice shape {tuple(physics.site_shape)}"
        raise InputError(folder / "model.json", "site_shape", expected, tuple(model.site_shape))
    name = model.settings["name"]
    with (
        open_ensemble(ensemble, site_shape=physics.site_shape) as raw,
        ledger_entry(cost, stage="correct", source=name, device=device, threads=threads) as entry,
    ):
        attributes = _raw_attributes(raw, seed)
        acceptance = []
        with EnsembleWriter(
            metropolis, physics.site_shape, attributes={**attributes, "sampler": f"{name}_metropolis"}
        ) as writer:
            for closure in _closures(copies, raw, physics, correction["metropolis_steps"], seed):
                acceptance.append(closure.acceptance)
                writer.append(closure.fields.cpu().numpy())
        fields = torch.from_numpy(raw.read(0, correction["likelihood_samples"]))
        log_q, error = _likelihoods(copies, fields, correction, seed)
        action = physics.action(fields).double().numpy()
        log_weight = -action - log_q
        with EnsembleWriter(
            weighted,
            physics.site_shape,
            attributes={**attributes, "sampler": f"{name}_weighted"},
            log_weight=True,
        ) as writer:
            writer.append(fields.numpy(), log_weight=log_weight - log_weight.max())
        entry["configurations"] = len(raw)
    with atomic_path(likelihood) as temporary:
        frame = pd.DataFrame({"action": action, "minus_log_q": -log_q, "error": error})
        frame.to_csv(temporary, index=False)
    slope, slope_error = _slope(action, -log_q)
    size, size_error = _effective_fraction(log_weight)
    summary = {
        "acceptance": float(np.mean(acceptance)),
        "metropolis_steps": correction["metropolis_steps"],
        "ess": size,
        "ess_error": size_error,
        "slope": slope,
        "slope_error": slope_error,
        "likelihood_samples": len(action),
        "exact_trace": bool(correction["exact_trace"]),
    }
    write_json(record, summary)


def _closures(
    copies: list[tuple[Any, str]], raw: Ensemble, physics: Any, steps: int, seed: int
) -> Iterator[Closure]:
    """Metropolis steps of each batch, by copies of one model with their devices, whose number changes nothing."""

    def closure(task: tuple[int, np.ndarray], copy: tuple[Any, str]) -> Closure:
        (number, part), (model, place) = task, copy
        return metropolis_adjusted_langevin(
            torch.from_numpy(part).to(place),
            physics.action,
            physics.gradient,
            model.measure,
            steps=steps,
            generator=torch.Generator(place).manual_seed(job_seed(seed, "metropolis", str(number))),
        )

    yield from in_order(closure, enumerate(raw.chunks(BATCH)), copies)


def _likelihoods(
    copies: list[tuple[Any, str]], fields: torch.Tensor, correction: dict, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log q of fields (N, *site_shape) and its error, in batches, by copies as of `_closures`."""
    exact = correction["exact_trace"] or fields[0].numel() == 1

    def likelihood(task: tuple[int, torch.Tensor], copy: tuple[Any, str]) -> tuple[np.ndarray, ...]:
        (number, part), (model, place) = task, copy
        found = model_log_likelihood(
            model,
            part.to(place),
            steps=correction["likelihood_steps"],
            probes=None if exact else correction["probes"],
            generator=torch.Generator(place).manual_seed(job_seed(seed, "likelihood", str(number))),
        )
        return tuple(values.cpu().numpy() for values in found)

    parts = in_order(likelihood, enumerate(fields.split(LIKELIHOODS)), copies)
    log_q, error = (np.concatenate(column) for column in zip(*parts, strict=True))
    return log_q, error


def _raw_attributes(raw: object, seed: int) -> dict:
    attributes = dict(raw.file.attrs)
    return {**attributes, "seed": seed}


def _slope(action: np.ndarray, minus_log_q: np.ndarray) -> tuple[float, float]:
    """Least-squares slope of -log q on S and its error from the scatter of the residuals."""
    if action.std() == 0:
        return float("nan"), float("nan")
    (slope, _), covariance = np.polyfit(action, minus_log_q, 1, cov=True)
    return float(slope), float(np.sqrt(covariance[0, 0]))


def _effective_fraction(log_weight: np.ndarray) -> tuple[float, float]:
    """Effective sample size over sample size, (mean w)^2 / mean w^2, with its jackknife error."""
    weight = np.exp(log_weight - log_weight.max())
    count, first, second = len(weight), weight.sum(), (weight**2).sum()
    value = first**2 / second / count
    left_out = (first - weight) ** 2 / (second - weight**2) / (count - 1)
    return float(value), float(np.sqrt((count - 1) * left_out.var()))


if __name__ == "__main__":
    from emulant.configuration.gpu import give
    from emulant.configuration.logging import job_log

    give(snakemake.resources.gpu)
    torch.set_num_threads(snakemake.threads)
    with job_log(snakemake.log[0], snakemake.input, snakemake.output):
        main(
            Path(snakemake.input.weights).parent,
            Path(snakemake.input.ensemble),
            *map(Path, snakemake.output),
            system=snakemake.params.system,
            correction=snakemake.params.correction,
            seed=snakemake.params.seed,
            threads=snakemake.threads,
        )
