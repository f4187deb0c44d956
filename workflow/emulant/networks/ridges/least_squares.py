r"""Gauss-Newton steps towards constant weights: the least squares of ln w = -S - ln q over the weights of the flow.

With the response A = d ln q / d theta at fixed fields, ln w changes by -A delta to first order; its variance over samples of
the flow is smallest where (A^T A / N + r) delta = A^T y / N, with y = ln w and the columns of A centred and scaled.
"""

import math

import torch
from torch import Tensor

__all__ = ["gauss_newton_step"]

ROUNDING = 1e-5
"""Columns that vary by less than this part of the largest are not fitted. They are 0 but for the rounding of the transforms,
1e-8 in single precision where the length of a side is no power of 2, as the waves of a constant field; of the others none is
below 1e-3."""


def gauss_newton_step(responses: Tensor, log_weight: Tensor, polynomials: int, ridge: float) -> Tensor:
    """Compute the change of the weights, (weights,) float64.

    Arguments:
        responses: A, (N, weights); weights of the same function of space follow each other, one for each polynomial.
        log_weight: -S - ln q of the same samples up to a constant, (N,).
        polynomials: of time.
        ridge: r, added to the normal equations in units of a column's variance.
    """
    columns = responses.double()
    columns = columns - columns.mean(0)
    deviation = columns.square().mean(0).sqrt().reshape(-1, polynomials)
    # One scale for all polynomials: without weights their columns are proportional, and some vanish.
    scale = deviation.max(1, keepdim=True).values.expand_as(deviation).flatten()
    scale = torch.where(scale > ROUNDING * scale.max(), scale, math.inf)
    columns = columns / scale
    target = log_weight.double() - log_weight.double().mean()
    normal = columns.T @ columns / len(columns)
    normal.diagonal().add_(ridge)
    return torch.linalg.solve(normal, columns.T @ target / len(columns)) / scale
