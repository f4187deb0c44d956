r"""Annealed Langevin dynamics as in Q. Zhu et al., arXiv:2502.05504: x -> x + h s(x, t) + sqrt(2h) z at falling times t.

At times below a bound each step is accepted with the Metropolis probability of the action (MALA), with

.. math:: \ln\frac{q(x|y)}{q(y|x)} = \frac{|z|^2}{2} - \frac{|\sqrt{2h}\, z + h\, (s(x) + s(y))|^2}{4h}

so that what the score lacks costs acceptance alone.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

__all__ = ["Level", "adjusted", "evaluations", "levels", "unadjusted"]

Drift = Callable[[Tensor], Tensor]


class Level(NamedTuple):
    """A time of the annealing.

    Attributes:
        time: t of the noise.
        step: h.
        exact: whether steps are Metropolis-adjusted.
    """

    time: float
    step: float
    exact: bool


def levels(generation: Mapping[str, Any]) -> list[Level]:
    """List the times of the annealing; h falls with t^2."""
    last = generation["levels"] - 1
    times = [generation["ratio"] ** n for n in range(last + 1)]
    bound = generation["metropolis_below"]
    return [Level(t, generation["step"] * (t / times[-1]) ** 2, t < bound) for t in times]


def evaluations(generation: Mapping[str, Any]) -> int:
    """Count calls of the score: one a step, and one more at each time whose steps are adjusted."""
    return sum(generation["moves"] + level.exact for level in levels(generation))


def unadjusted(x: Tensor, drift: Drift, step: float, moves: int, generator: torch.Generator) -> Tensor:
    """Make steps that are not adjusted, of x (N, ...)."""
    for _ in range(moves):
        x = x + step * drift(x) + (2 * step) ** 0.5 * _normal(x, generator)
    return x


def adjusted(
    x: Tensor,
    drift: Drift,
    action: Callable[[Tensor], Tensor],
    step: float,
    moves: int,
    generator: torch.Generator,
) -> Tensor:
    """Make Metropolis-adjusted steps, which keep e^(-S) for any drift.

    Arguments:
        x: (N, ...).
        drift: s(x).
        action: S of each sample, (N,) float64.
        step: h.
        moves: steps.
        generator: of the noise and the coins.
    """
    slope, energy = drift(x), action(x)
    for _ in range(moves):
        z = _normal(x, generator)
        y = x + step * slope + (2 * step) ** 0.5 * z
        slope_y, energy_y = drift(y), action(y)
        back = (2 * step) ** 0.5 * z + step * (slope + slope_y)
        log_ratio = energy - energy_y + _squares(z) / 2 - _squares(back) / (4 * step)
        coin = torch.rand(len(x), generator=generator, device=x.device, dtype=torch.float64)
        accept = coin.log() < log_ratio
        rows = accept.reshape(-1, *[1] * (x.ndim - 1))
        x, slope = torch.where(rows, y, x), torch.where(rows, slope_y, slope)
        energy = torch.where(accept, energy_y, energy)
    return x


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw independent standard normal numbers."""
    return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)


def _squares(x: Tensor) -> Tensor:
    """Sum the squares of each sample, (N,) float64."""
    return x.double().square().flatten(1).sum(1)
