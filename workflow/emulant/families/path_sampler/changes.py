r"""Changes of the corrections, and how the work of fixed paths answers to them.

A change has two parts, u^F += v + c and u^B += c - v: a transport, and what is common to both. With the residuals
r_F = x' - x - f(x) and r_B = x' - x + b(x') of a step

.. math:: \frac{\partial w}{\partial u^F} = r_F / n^2, \qquad \frac{\partial w}{\partial u^B} = r_B / n^2

at fixed x and x'. Of whole paths v and c are Chebyshev polynomials of the level: few weights for many steps.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from emulant.families.path_sampler.drifts import AHEAD, BACK, Corrections, GuidedDrifts
from emulant.networks.ridges.velocity import chebyshev

__all__ = [
    "Descent",
    "node_of",
    "path_columns",
    "pulled_back",
    "shift_level",
    "shift_levels",
    "step_columns",
    "units",
]

ROUNDING = 1e-5
"""Part of the largest column below which one is rounding of float32: functions of momenta that a small lattice lacks."""

SCALED = 512
"""Paths behind the units of a descent, which need no precision."""


class Node(NamedTuple):
    """Fields at a node, (N, *shape), their modes and displacements."""

    fields: Tensor
    modes: Tensor
    ahead: Tensor
    back: Tensor


def node_of(drifts: GuidedDrifts, number: int, fields: Tensor) -> Node:
    """Evaluate all that columns need of fields at a node."""
    modes = drifts.corrections.modes(fields)
    return Node(fields, modes, *drifts.corrected(number, fields, modes))


def step_columns(drifts: GuidedDrifts, level: int, here: Node, later: Node) -> Tensor:
    """Derivatives of the work of a step by the weights of v and of c, (N, 2, weights)."""
    moved, square = later.fields - here.fields, float(drifts.noise(level)) ** 2
    ahead = drifts.corrections.overlaps(here.modes, (moved - here.ahead) / square)
    back = drifts.corrections.overlaps(later.modes, (moved + later.back) / square)
    return torch.stack([ahead - back, ahead + back], 1)


def shift_level(corrections: Corrections, level: int, change: Tensor) -> None:
    """Add a change of v and c, (2 weights,), to the corrections of a step."""
    v, c = change.to(corrections.theta.dtype).reshape(2, *corrections.theta.shape[2:])
    corrections.theta[AHEAD, level] += v + c
    corrections.theta[BACK, level + 1] += c - v


def path_columns(drifts: GuidedDrifts, states: Tensor, polynomials: int) -> Tensor:
    """Derivatives of W by changes of v and c that are Chebyshev polynomials of the level, (N, 2 weights polynomials).

    Arguments:
        drifts: of the paths.
        states: fields at all nodes, (nodes, N, *shape).
        polynomials: how many.
    """
    total, here = torch.zeros(()), node_of(drifts, 0, states[0])
    for level, weights in enumerate(_polynomials(len(states) - 1, polynomials)):
        later = node_of(drifts, level + 1, states[level + 1])
        step = step_columns(drifts, level, here, later)
        total = total + step.flatten(1)[..., None] * weights.to(step)
        here = later
    return total.flatten(1)


def shift_levels(corrections: Corrections, change: Tensor, polynomials: int) -> None:
    """Add a change (2 weights polynomials,) to the corrections of all steps."""
    change = change.reshape(-1, polynomials)
    for level, weights in enumerate(_polynomials(len(corrections.logit), polynomials)):
        shift_level(corrections, level, change @ weights.to(change))


class Descent:
    """Adam on a change of all steps, in units in which each weight changes the work by its standard deviation.

    Whoever iterates leaves gradients of a loss in the weights themselves; the rate falls to zero like a cosine.

    Arguments:
        drifts: whose corrections are changed.
        states: fields at all nodes of paths that say how far the work answers, (nodes, N, *shape).
        fit: `polynomials`, `steps` and `learning_rate`.
        others: parameters that descend too, at the same rate.
    """

    def __init__(
        self,
        drifts: GuidedDrifts,
        states: Tensor,
        fit: dict[str, Any],
        *others: torch.nn.Parameter,
    ) -> None:
        self.corrections, self.polynomials, self.steps = drifts.corrections, fit["polynomials"], fit["steps"]
        self.unit = units(path_columns(drifts, states[:, :SCALED], self.polynomials))
        self.change = torch.nn.Parameter(torch.zeros_like(self.unit))
        self.optimizer = torch.optim.Adam([self.change, *others], lr=fit["learning_rate"])
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, self.steps)

    def __iter__(self) -> Iterator[int]:
        for number in range(self.steps):
            self.optimizer.zero_grad()
            self.corrections.theta.grad = None
            with torch.enable_grad():
                yield number
            self._step()

    def _step(self) -> None:
        """Follow the gradients that the loop left."""
        before = self.change.detach().clone()
        gradient = self.corrections.theta.grad
        self.change.grad = self.unit * pulled_back(gradient, self.polynomials)
        self.optimizer.step()
        self.schedule.step()
        moved = self.unit * (self.change.detach() - before)
        shift_levels(self.corrections, moved, self.polynomials)


def units(columns: Tensor) -> Tensor:
    """Change of each weight that moves the work by its standard deviation; 0 where no path feels it, up to rounding."""
    deviation = columns.std(0)
    return torch.where(deviation > ROUNDING * deviation.max(), 1 / deviation, 0.0)


def pulled_back(gradient: Tensor, polynomials: int) -> Tensor:
    """Gradient by a change of all steps, (2 weights polynomials,), from that by the weights: `shift_levels` transposed."""
    ahead, back = gradient[AHEAD, :-1].flatten(1), gradient[BACK, 1:].flatten(1)
    by_level = torch.cat([ahead - back, ahead + back], 1)
    weights = torch.stack(_polynomials(len(ahead), polynomials)).to(by_level)
    return (by_level.T @ weights).flatten()


def _polynomials(levels: int, count: int) -> list[Tensor]:
    """Chebyshev polynomials at each level, (count,), divided by the levels: a step does its part of a change."""
    return [chebyshev(2 * (level + 0.5) / levels - 1, count) / levels for level in range(levels)]
