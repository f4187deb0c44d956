"""Generation along a probability path, and what each solver costs: what the families with a score share."""

from collections.abc import Sequence

import torch
from torch import Tensor

from emulant.contracts.family import Watch
from emulant.transport.paths import Path
from emulant.transport.solvers import Score, euler_maruyama, predictor_corrector, probability_flow

__all__ = ["EVALUATIONS", "follow_flow", "follow_noise"]

STOCHASTIC = {"euler_maruyama": euler_maruyama, "predictor_corrector": predictor_corrector}

EVALUATIONS = {"latent_flow": 1, "probability_flow": 1, "euler_maruyama": 1, "predictor_corrector": 2}
"""Calls of the network in a step; multistep solvers use those of earlier steps again, a corrector has its own."""


def follow_flow(
    score: Score,
    path: Path,
    x: Tensor,
    times: Sequence[float],
    *,
    unit: float,
    order: int,
    watch: Watch | None = None,
) -> Tensor:
    """Solve the probability flow from x at the first of `times`; `watch` sees fields and noise in their own units.

    Arguments:
        score: of the path, in units of `unit`.
        path: the probability path.
        x: fields at the first time, in units of `unit`.
        times: falling path times, as of `transport.solvers.flow_times`.
        unit: in which the path measures fields.
        order: of the error in the step.
        watch: as of `contracts.family.Family.sample`.
    """
    in_own_units = watch and (lambda field, s: watch(unit * field, unit * s))
    return probability_flow(score, path, x, times, order=order, watch=in_own_units)


def follow_noise(
    solver: str,
    score: Score,
    path: Path,
    x: Tensor,
    ends: tuple[float, float],
    steps: int,
    generator: torch.Generator,
) -> Tensor:
    """Solve the reverse stochastic equation in `steps` equal steps between two path times; `ends` fall."""
    times = torch.linspace(*ends, steps + 1, dtype=torch.float64).tolist()
    return STOCHASTIC[solver](score, path, x, times, generator)
