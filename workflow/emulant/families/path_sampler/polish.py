r"""Trainings on the work W of whole paths; each improves the corrections once, on paths that were walked before.

All of them end where W is constant. `gauss_newton`, `log_variance` and `trajectory_balance` take W at fixed paths, whatever
law these have, so that earlier paths count too; `kl` walks new ones and follows their gradient:

.. math:: \mathrm{Var}(W), \qquad \langle (W + c)^2 \rangle, \qquad \langle W \rangle = \mathrm{KL}(P_F \| Q_B) - \ln Z.

(N. Malkin et al., arXiv:2201.13259; L. Richter and J. Berner, arXiv:2307.01198.) Only `kl` moves the noise: at fixed paths W
does not say what another noise would do to them.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from emulant.families.path_sampler.changes import Descent, path_columns, shift_levels
from emulant.families.path_sampler.drifts import Corrections
from emulant.networks.ridges.least_squares import gauss_newton_step
from emulant.transport.langevin_paths import LangevinPaths

__all__ = ["POLISH"]

FITTED = 0.75
"""Part of the paths that a Gauss-Newton step is fitted on; the rest says how far to go."""
FRACTIONS = torch.linspace(0, 1, 21, dtype=torch.float64)
"""Parts of a step that are tried; at fixed paths W is a parabola in it, so that trying is cheap."""


def gauss_newton(
    paths: LangevinPaths, corrections: Corrections, states: Tensor, fit: dict[str, Any], _: torch.Generator
) -> None:
    """Solve the linearised Var(W) for changes that are polynomials of the level, and go as far as other paths allow.

    Arguments:
        paths: of the model.
        corrections: whose weights are changed.
        states: fields at all nodes, (nodes, N, *shape).
        fit: `polynomials` of the level and `ridge`.
    """
    work, polynomials = paths.work_along(states).sum(1), fit["polynomials"]
    columns, count = path_columns(paths, corrections, states, polynomials), int(FITTED * len(work))
    change = gauss_newton_step(columns[:count], -work[:count], polynomials, fit["ridge"])
    linear, others = columns[count:].double() @ change, work[count:]
    shift_levels(corrections, change, polynomials)
    curved = paths.work_along(states[:, count:]).sum(1) - others - linear
    parabolas = others + FRACTIONS[:, None] * linear + FRACTIONS[:, None] ** 2 * curved
    fraction = float(FRACTIONS[parabolas.var(1).argmin()])
    shift_levels(corrections, (fraction - 1) * change, polynomials)


def kl(
    paths: LangevinPaths,
    corrections: Corrections,
    states: Tensor,
    fit: dict[str, Any],
    generator: torch.Generator,
) -> None:
    """Descend the mean work of new paths, through all their steps, by weights and noise."""
    for _ in Descent(paths, corrections, states, fit, corrections.logit):
        start = paths.start.sample(fit["batch"], generator)
        sum(step.work for step in paths.ahead(start, generator)).mean().backward()


def log_variance(
    paths: LangevinPaths,
    corrections: Corrections,
    states: Tensor,
    fit: dict[str, Any],
    generator: torch.Generator,
) -> None:
    """Descend the variance of the work of earlier paths."""
    for _ in Descent(paths, corrections, states, fit):
        _work_of_some(paths, states, fit, generator).var().backward()


def trajectory_balance(
    paths: LangevinPaths,
    corrections: Corrections,
    states: Tensor,
    fit: dict[str, Any],
    generator: torch.Generator,
) -> None:
    """Descend the mean of (W + c)^2 of earlier paths with a learned constant c, at first minus their mean work."""
    constant = torch.nn.Parameter(-paths.work_along(states).sum(1).mean())
    for _ in Descent(paths, corrections, states, fit, constant):
        (_work_of_some(paths, states, fit, generator) + constant).square().mean().backward()


POLISH: dict[str, Callable[..., None]] = {
    function.__name__: function for function in (gauss_newton, kl, log_variance, trajectory_balance)
}
"""By the names in the configuration."""


def _work_of_some(
    paths: LangevinPaths, states: Tensor, fit: dict[str, Any], generator: torch.Generator
) -> Tensor:
    """Work of a batch of paths by chance, (batch,)."""
    rows = torch.randint(states.shape[1], (fit["batch"],), generator=generator, device=states.device)
    return paths.work_along(states[:, rows]).sum(1)
