"""Legendre polynomials and their derivatives."""

import torch
from torch import Tensor

__all__ = ["legendre"]


def legendre(x: Tensor, degree: int) -> tuple[Tensor, Tensor]:
    """P_0 ... P_degree, degree at least 1, and their derivatives at x (N,), (N, degree + 1) each."""
    values, slopes = [torch.ones_like(x), x], [torch.zeros_like(x), torch.ones_like(x)]
    for n in range(1, degree):
        values.append(((2 * n + 1) * x * values[n] - n * values[n - 1]) / (n + 1))
        slopes.append(slopes[n - 1] + (2 * n + 1) * values[n])
    return torch.stack(values, 1), torch.stack(slopes, 1)
