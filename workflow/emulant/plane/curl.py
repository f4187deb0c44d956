"""Curl of a learned score, which vanishes for a gradient."""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["relative_curl"]


def relative_curl(score: Callable[[Tensor], Tensor], points: Tensor) -> float:
    """Compute the relative curl of a score at points (N, 2).

    That is the root mean square of ∂_x s_y - ∂_y s_x over that of the symmetric part |∂s + ∂s^T|.
    """
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        scores = score(leaf)
        rows = [torch.autograd.grad(scores[:, i].sum(), leaf, retain_graph=i == 0)[0] for i in (0, 1)]
    jacobian = torch.stack(rows, dim=1)
    curl = jacobian[:, 1, 0] - jacobian[:, 0, 1]
    symmetric = (jacobian + jacobian.transpose(1, 2)).square().sum((1, 2))
    return float((curl.square().mean() / symmetric.mean()).sqrt())
