r"""Non-compact projections: means of the maps theta -> 2 atan(e^s tan(theta / 2)), as in arXiv:2101.08176.

Each keeps 0 and pi, so that a mean of them is monotone. Its inverse is by bisection.
"""

import math

import torch
from torch import Tensor

__all__ = ["forward", "inverse"]

HALVINGS = 52
"""Of 2 pi: to rounding."""


def forward(scales: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    """Map angles (...,) in [-pi, pi] by the mean over scales s, (..., components); returns them and ln of the slopes."""
    half = angles[..., None] / 2
    cos, sin = half.cos(), half.sin()
    image = 2 * torch.atan2((scales / 2).exp() * sin, (-scales / 2).exp() * cos)
    log_slopes = -((-scales).exp() * cos**2 + scales.exp() * sin**2).log()
    return image.mean(-1), torch.logsumexp(log_slopes, -1) - math.log(scales.shape[-1])


def inverse(scales: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    """Map angles (...,) back; returns them and ln of the slopes of the forward map there."""
    low, high = torch.full_like(angles, -math.pi), torch.full_like(angles, math.pi)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = forward(scales, middle)[0] > angles
        low, high = torch.where(above, low, middle), torch.where(above, middle, high)
    middle = (low + high) / 2
    return middle, forward(scales, middle)[1]
