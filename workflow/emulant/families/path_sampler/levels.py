"""The start of a training: the corrections of one step after another, on walkers of exp(-S_t).

The velocity of the continuity equation moves the law from S_k to S_{k+1}; Gauss-Newton steps on the variance of the work of
this one step then repair what its length spoils.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from emulant.families.path_sampler.changes import node_of, shift_level, step_columns
from emulant.networks.ridges.least_squares import gauss_newton_step
from emulant.transport.langevin_paths import LangevinPaths
from emulant.transport.sequential import systematic

__all__ = ["fit_level"]


def fit_level(
    paths: LangevinPaths, level: int, walkers: Tensor, fit: dict[str, Any], generator: torch.Generator
) -> tuple[Tensor, float]:
    """Improve the corrections of a step; returns walkers of exp(-S_{k+1}) and the variance of the work that is left.

    Arguments:
        paths: of the model, whose drifts are `GuidedDrifts`.
        level: of the step.
        walkers: fields of exp(-S_k), (N, *shape).
        fit: number `newton` of Gauss-Newton steps and their `ridge`.
        generator: of all random numbers.
    """
    for _ in range(fit["newton"]):
        later, work = paths.step(level, walkers, generator)
        nodes = node_of(paths.drifts, level, walkers), node_of(paths.drifts, level + 1, later)
        columns = step_columns(paths.drifts, level, *nodes).flatten(1)
        change = gauss_newton_step(columns, -work, 1, fit["ridge"])
        shift_level(paths.drifts.corrections, level, change)
    later, work = paths.step(level, walkers, generator)
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    rows = systematic(-work.cpu().numpy(), np.random.default_rng(seed))
    return later[torch.from_numpy(rows).to(later.device)], float(work.var())
