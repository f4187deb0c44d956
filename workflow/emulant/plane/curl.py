"""How far a learned score is from a gradient."""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["relative_curl"]


def relative_curl(score: Callable[[Tensor], Tensor], points: Tensor) -> float:
    """Root mean square of the curl ∂_x s_y - ∂_y s_x over that of the symmetric part |∂s + ∂s^T|, at points (N, 2)."""
    with torch.enable_grad():
        leaf = points.detach().requires_grad_(True)
        found = score(leaf)
        rows = [torch.autograd.grad(found[:, i].sum(), leaf, retain_graph=i == 0)[0] for i in (0, 1)]
    jacobian = torch.stack(rows, dim=1)
    curl = jacobian[:, 1, 0] - jacobian[:, 0, 1]
    symmetric = (jacobian + jacobian.transpose(1, 2)).square().sum((1, 2))
    return float((curl.square().mean() / symmetric.mean()).sqrt())
