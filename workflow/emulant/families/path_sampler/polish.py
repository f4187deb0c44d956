r"""Trainings on the work W of whole paths; each improves the corrections once, on paths that were walked before.

All of them end where W is constant. `gauss_newton`, `log_variance` and `trajectory_balance` take W at fixed paths, whatever
law these have, so that earlier paths count too; `kl` walks new ones and follows their gradient:

.. math:: \mathrm{Var}(W), \qquad \langle (W + c)^2 \rangle, \qquad \langle W \rangle = \mathrm{KL}(P_F \| Q_B) - \ln Z.

(N. Malkin et al., arXiv:2201.13259; L. Richter and J. Berner, arXiv:2307.01198.) Only `kl` moves the noise: at fixed paths W
does not say what another noise would do to them (S. Sanokowski et al., arXiv:2506.10982).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from emulant.families.path_sampler.changes import Descent, path_columns, shift_levels
from emulant.networks.ridges.least_squares import gauss_newton_step
from emulant.transport.langevin_paths import LangevinPaths

__all__ = ["POLISH"]

FITTED = 0.75
"""Part of the paths that a Gauss-Newton step is fitted on; the rest chooses between steps."""
RIDGES = (1.0, 10.0, 100.0)
"""Multiples of the ridge that are tried: nearer to the optimum what is left of W is noise, and a fit needs a larger one."""
FRACTIONS = 21
"""Parts of a step that are tried; at fixed paths W is a parabola in it, so that trying is cheap."""
TOGETHER = 1024
"""Paths that are evaluated together: hundreds of megabytes at 512 sites."""


def gauss_newton(
    paths: LangevinPaths, states: Tensor, fit: dict[str, Any], generator: torch.Generator
) -> None:
    """Solve the linearised Var(W) for changes that are polynomials of the level; other paths say which and how far.

    Arguments:
        paths: of the model, whose drifts are `GuidedDrifts`.
        states: fields at all nodes, (nodes, N, *shape).
        fit: `polynomials` of the level and `ridge`.
        generator: says which paths are fitted.
    """
    count, polynomials = int(FITTED * states.shape[1]), fit["polynomials"]
    rows = torch.randperm(states.shape[1], generator=generator, device=states.device)
    fitted, others = states[:, rows[:count]], states[:, rows[count:]]
    columns, work = _columns(paths, fitted, polynomials), _work(paths, fitted)
    changes = [gauss_newton_step(columns, -work, polynomials, factor * fit["ridge"]) for factor in RIDGES]
    columns = _columns(paths, others, polynomials).double()
    _, best = min(
        (_shortened(paths, others, columns, change, polynomials) for change in changes),
        key=lambda pair: pair[0],
    )
    shift_levels(paths.drifts.corrections, best, polynomials)


def _shortened(
    paths: LangevinPaths, states: Tensor, columns: Tensor, change: Tensor, polynomials: int
) -> tuple[float, Tensor]:
    """Go along a change as far as Var(W) of paths falls; returns what is left of it, and the change."""
    work, linear = _work(paths, states), columns @ change
    shift_levels(paths.drifts.corrections, change, polynomials)
    curved = _work(paths, states) - work - linear
    shift_levels(paths.drifts.corrections, -change, polynomials)
    part = torch.linspace(0, 1, FRACTIONS, dtype=work.dtype, device=work.device)[:, None]
    variances = (work + part * linear + part**2 * curved).var(1)
    least = variances.argmin()
    return float(variances[least]), part[least] * change


def _work(paths: LangevinPaths, states: Tensor) -> Tensor:
    """W + ln Z_0 of paths, (N,)."""
    return torch.cat([paths.work_along(part).sum(1) for part in states.split(TOGETHER, 1)])


def _columns(paths: LangevinPaths, states: Tensor, polynomials: int) -> Tensor:
    """Derivatives of W, (N, 2 weights polynomials)."""
    return torch.cat([path_columns(paths.drifts, part, polynomials) for part in states.split(TOGETHER, 1)])


def kl(paths: LangevinPaths, states: Tensor, fit: dict[str, Any], generator: torch.Generator) -> None:
    """Descend the mean work of new paths, through all their steps, by weights and noise."""
    for _ in Descent(paths.drifts, states, fit, paths.drifts.corrections.logit):
        start = paths.start.sample(fit["batch"], generator)
        sum(step.work for step in paths.ahead(start, generator)).mean().backward()


def log_variance(
    paths: LangevinPaths, states: Tensor, fit: dict[str, Any], generator: torch.Generator
) -> None:
    """Descend the variance of the work of earlier paths."""
    for _ in Descent(paths.drifts, states, fit):
        _work_of_some(paths, states, fit, generator).var().backward()


def trajectory_balance(
    paths: LangevinPaths, states: Tensor, fit: dict[str, Any], generator: torch.Generator
) -> None:
    """Descend the mean of (W + c)^2 of earlier paths with a learned constant c, at first minus their mean work."""
    constant = torch.nn.Parameter(-_work(paths, states).mean())
    for _ in Descent(paths.drifts, states, fit, constant):
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
    return _work(paths, states[:, rows])
