r"""Moebius maps of the circle, e^{i theta} -> (e^{i theta} + w) / (1 + w^* e^{i theta}) with |w| < 1.

They draw angles towards the phase of w and depend smoothly on w, also where its phase jumps, at 0. The inverse has -w, and
w^* is the same map seen with all angles reversed. Slope (1 - |w|^2) / |1 + w^* e^{i theta}|^2.
"""

import torch
from torch import Tensor

__all__ = ["inside", "moebius"]


def inside(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Map the plane smoothly into the unit disc; returns the two parts of w."""
    scale = 1 + (1 + x**2 + y**2).sqrt()
    return x / scale, y / scale


def moebius(u: Tensor, v: Tensor, angles: Tensor) -> tuple[Tensor, Tensor]:
    """Map angles with w = u + i v; returns angles in [-pi, pi] and ln of the slopes."""
    cos, sin = angles.cos(), angles.sin()
    # 1 + w^* e^{i theta}, of which the image is e^{i theta} times the conjugate over the number itself.
    real, imaginary = 1 + u * cos + v * sin, u * sin - v * cos
    squared = real**2 + imaginary**2
    turn_cos, turn_sin = real**2 - imaginary**2, -2 * real * imaginary
    image = torch.atan2(sin * turn_cos + cos * turn_sin, cos * turn_cos - sin * turn_sin)
    return image, torch.log1p(-(u**2) - v**2) - squared.log()
