"""Predictor and corrector of Adams type for flows whose evaluations are dear: one a step at any order."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor

__all__ = ["adams_flow", "lagrange_integrals"]


def adams_flow(
    slope: Callable[[Tensor, int], Tensor],
    y: Tensor,
    clocks: Sequence[Tensor],
    *,
    order: int = 3,
    watch: Callable[[Tensor, int], None] | None = None,
) -> Tensor:
    """Integrate dy/dclock = slope from the first of `clocks` to the last.

    A step is predicted by the polynomial through the last order - 1 slopes (Bashforth). The slope at the predicted y then
    corrects that step (Moulton, through `order` slopes) and serves the next, so that a step costs one evaluation
    (W. Zhao et al., arXiv:2302.04867). The last step is not corrected: its own error is of the same order.

    Arguments:
        slope: of y and the index of its clock, the shape of y.
        y: at the first clock, real or complex.
        clocks: float64, each of no dimension or of one that broadcasts against y, so that parts of y may have their own.
        order: of the error in the step; beyond 3 only where the slope vanishes at the first clock, as for flows from noise.
        watch: called with y and the index of its clock where a step begins.
    """
    before, slopes = None, []
    for step, following in enumerate(clocks[1:]):
        slopes = [slope(y, step), *slopes[: order - 1]]
        past = clocks[step::-1]
        if before is not None:
            y = before + _moved(slopes, past, past[1], past[0])
        if watch is not None:
            watch(y, step)
        before = y
        y = y + _moved(slopes[: max(order - 1, 1)], past, past[0], following)
    return y


def lagrange_integrals(clocks: Sequence[Any], start: Any, end: Any) -> list[Any]:
    """Integrate from `start` to `end` the Lagrange polynomials of `clocks`, numbers or tensors alike."""
    middle, half = 0.5 * (end + start), 0.5 * (end - start)
    nodes, weights = np.polynomial.legendre.leggauss((len(clocks) + 1) // 2)
    abscissae = [middle + node * half for node in nodes.tolist()]
    return [
        half
        * sum(
            weight * math.prod((x - other) / (clock - other) for j, other in enumerate(clocks) if j != i)
            for weight, x in zip(weights.tolist(), abscissae, strict=True)
        )
        for i, clock in enumerate(clocks)
    ]


def _moved(slopes: Sequence[Tensor], clocks: Sequence[Tensor], start: Tensor, end: Tensor) -> Tensor:
    """Integrate the polynomial through the slopes, newest first, in their own precision."""
    shares = lagrange_integrals(clocks[: len(slopes)], start, end)
    return sum(share.to(slope.real.dtype) * slope for share, slope in zip(shares, slopes, strict=True))
