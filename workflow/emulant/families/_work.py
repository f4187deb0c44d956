"""Study `work`: the work of paths, forward from the Gaussian and backward from the reference."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.families._from_gaussian import ByPaths
from emulant.forms import open_samples
from emulant.randomness.seeds import job_seed
from emulant.statistics.crooks import crooks_line
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.transport.annealing import Path
from emulant.transport.gaussian_start import GaussianStart

__all__ = ["study_work", "work_of", "work_record"]

BATCH = 1024
"""Paths that run together; random numbers belong to batches."""
PATHS = 4096
"""Most paths each way: with W varying by 0.1, -ln Z has an error of 0.005. More samples have their weights already, and
paths both ways would cost twice as much as these."""
SLOPE = 0.02
"""Error of Crooks' slope that is worth its paths: `slope_paths` of the record says how many it would take each way."""


@torch.no_grad()
def study_work(system: Any, inputs: StudyInputs) -> StudyTable:
    r"""Hold the work W of forward paths against that of backward paths, which begin at fields of the reference.

    With Sigma = W + ln Z, the entropy production: <exp(-Sigma)> = 1 forward, <exp(Sigma)> = 1 backward,
    <Sigma> = KL(P_F || Q_B) >= 0, and p_F(W) / p_B(W) = exp(Sigma) (G. Crooks, Phys. Rev. E 60 (1999) 2721).

    Returns:
        A row for each path: direction and work. The record has -ln Z by forward and by backward paths with errors, the
        effective fraction of each, `unity`, which is <exp(-Sigma)> forward with ln Z of the backward paths, slope and offset
        of Crooks' relation with the number of paths that a slope within SLOPE takes, and of each level t and the mean work
        forward and backward, whose difference is the entropy that both directions together produce there.
    """
    (model,) = inputs.models.values()
    count = min(PATHS, model.settings["generation"]["samples"])
    seed, paths = inputs.seed, model.paths
    forward = work_of(paths.forward, _gaussian(model.start, count, seed), job_seed(seed, "forward"), model)
    backward = work_of(paths.backward, _references(system, inputs, count), job_seed(seed, "backward"), model)
    table = pd.concat(
        pd.DataFrame({"direction": name, "work": work.sum(1)})
        for name, work in (("forward", forward), ("backward", backward))
    )
    return StudyTable(table, work_record(forward, backward, model))


def work_record(forward: np.ndarray, backward: np.ndarray, model: ByPaths) -> dict[str, Any]:
    """Summarise work by path and level, (paths, levels); the first level has -ln Z_0 in it."""
    ahead, back = forward.sum(1), backward.sum(1)
    log_z, error = minus_log_mean(-ahead)
    opposite, opposite_error = minus_log_mean(back)
    line = crooks_line(ahead, back)
    unity, relative = np.exp(-opposite - log_z), np.hypot(error, opposite_error)
    return {
        "minus_log_z": log_z,
        "minus_log_z_error": error,
        "backward_minus_log_z": -opposite,
        "backward_minus_log_z_error": opposite_error,
        "ess": effective_fraction(-ahead)[0],
        "ess_error": effective_fraction(-ahead)[1],
        "backward_ess": effective_fraction(back)[0],
        "unity": float(unity),
        "unity_error": float(unity * relative),
        "entropy_production": float(ahead.mean() - log_z),
        "entropy_production_error": float(ahead.std() / np.sqrt(len(ahead))),
        **line._asdict(),
        "slope_paths": len(ahead) * (line.crooks_slope_error / SLOPE) ** 2,
        "t": list(model.paths.times),
        "work_forward": forward.mean(0).tolist(),
        "work_backward": backward.mean(0).tolist(),
    }


def _gaussian(start: GaussianStart, count: int, seed: int) -> Tensor:
    return start.sample(count, torch.Generator().manual_seed(job_seed(seed, "latents")))


def _references(system: Any, inputs: StudyInputs, count: int) -> Tensor:
    """Fields of the reference, as far apart as their number allows."""
    with open_samples(inputs.reference, system) as reference:
        return torch.from_numpy(reference.read()[:: max(1, len(reference) // count)][:count].copy())


def work_of(run: Callable[[Tensor, int], Path], fields: Tensor, seed: int, model: ByPaths) -> np.ndarray:
    """Work of paths from fields (N, *shape), (N, levels); -ln Z_0 is in the first level."""
    parts = [
        run(part, job_seed(seed, "batch", str(number))).work
        for number, part in enumerate(fields.split(BATCH))
    ]
    work = torch.cat(parts).numpy().copy()
    work[:, 0] -= model.start.log_normalisation
    return work
