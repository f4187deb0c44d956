"""Runge-Kutta steps of fields, of log densities, and of how these answer to the weights, on a fixed grid of times.

The map of a grid is not exactly invertible and its log q not exactly that of the map: both err by O(h^4), and a fit may
learn to use the error. Repeat an evaluation with twice the steps (`steps`) before it counts.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from emulant.networks.ridges.velocity import Kernels, Velocity

__all__ = ["Response", "integrated_backward", "integrated_forward", "integrated_with_response"]

State = tuple[Tensor, ...]
Schedule = Callable[[float], Kernels]
"""Time -> kernels."""


class Response(NamedTuple):
    """Fields at the end of the flow.

    Attributes:
        fields: (N, *shape).
        change: ln q_1 - ln q_0, (N,) float64.
        responses: d ln q_1 / d theta at the same field, (N, weights).
    """

    fields: Tensor
    change: Tensor
    responses: Tensor


def integrated_forward(
    velocity: Velocity, schedule: Schedule, fields: Tensor, steps: int
) -> tuple[Tensor, Tensor]:
    """Move fields (N, *shape) from time 0 to 1; returns them and ln q_1 - ln q_0, (N,) float64."""
    return _integrated(velocity, schedule, fields, steps, 0.0, 1.0)


def integrated_backward(
    velocity: Velocity, schedule: Schedule, fields: Tensor, steps: int
) -> tuple[Tensor, Tensor]:
    """Move fields from time 1 to 0; returns them and ln q_1 - ln q_0, as `integrated_forward` of where they began."""
    fields, change = _integrated(velocity, schedule, fields, steps, 1.0, 0.0)
    return fields, -change


def integrated_with_response(
    velocity: Velocity, schedule: Schedule, fields: Tensor, score: Tensor, steps: int
) -> Response:
    """Move fields and their score from time 0 to 1; responses are taken once a step, in its middle.

    Arguments:
        velocity: of the flow.
        schedule: time -> kernels.
        fields: (N, *shape) of the Gaussian.
        score: grad ln q_0 at `fields`.
        steps: of the grid.
    """
    state: State = (fields, fields.new_zeros(len(fields), dtype=torch.float64), score)
    total: Tensor = torch.zeros(())

    def rates(values: State, kernels: Kernels) -> State:
        v, divergence, slope = velocity.rates_with_score(values[0], values[2], kernels)
        return v, -divergence, slope

    for length, stages in _grid(schedule, steps, 0.0, 1.0):
        state, middle = _step(rates, state, length, stages)
        total = total + length * velocity.responses(middle[0], middle[2], stages[2])
    return Response(state[0], state[1], total.flatten(1))


def _integrated(
    velocity: Velocity, schedule: Schedule, fields: Tensor, steps: int, first: float, last: float
) -> tuple[Tensor, Tensor]:
    """Move fields between two times; returns them and minus the integral of the divergence."""
    state: State = (fields, fields.new_zeros(len(fields), dtype=torch.float64))

    def rates(values: State, kernels: Kernels) -> State:
        v, divergence = velocity.rates(values[0], kernels)
        return v, -divergence

    for length, stages in _grid(schedule, steps, first, last):
        state, _ = _step(rates, state, length, stages)
    return state[0], state[1]


def _grid(
    schedule: Schedule, steps: int, first: float, last: float
) -> Iterator[tuple[float, tuple[Kernels, ...]]]:
    """Length of each step and the kernels of its four stages."""
    length = (last - first) / steps
    for number in range(steps):
        t = first + number * length
        yield length, tuple(schedule(t + part * length) for part in (0.0, 0.5, 0.5, 1.0))


def _step(
    rates: Callable[[State, Kernels], State],
    state: State,
    length: float,
    stages: tuple[Kernels, ...],
) -> tuple[State, State]:
    """One step of the classical Runge-Kutta method; returns the new state and that of the third stage, in its middle."""
    one = rates(state, stages[0])
    two = rates(_moved(state, one, length / 2), stages[1])
    third = _moved(state, two, length / 2)
    three = rates(third, stages[2])
    four = rates(_moved(state, three, length), stages[3])
    slopes = ((a + 2 * (b + c) + d) / 6 for a, b, c, d in zip(one, two, three, four, strict=True))
    return _moved(state, tuple(slopes), length), third


def _moved(state: State, slopes: State, length: float) -> State:
    """State + length * slopes."""
    return tuple(value + length * slope for value, slope in zip(state, slopes, strict=True))
