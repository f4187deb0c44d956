r"""Gaussian noise on angles, wrapped round the circle: its density with respect to d theta / 2 pi, and its score.

.. math:: p_s(d) = \frac{\sqrt{2\pi}}{s} \sum_k e^{-(d + 2\pi k)^2 / 2 s^2} = 1 + 2 \sum_{n \ge 1} e^{-n^2 s^2 / 2} \cos n d

by images below s = `CROSSOVER` and as a Fourier sum above, where both have every digit of double precision. A sum of P
angles with independent noise, such as those of a loop, has <cos> times e^(-P s^2 / 2): `damping`.
"""

import math

import torch
from torch import Tensor

__all__ = ["CROSSOVER", "damping", "kernel_density", "kernel_score"]

CROSSOVER = 1.5
"""Noise at which the first image left out is e^-107 and the first Fourier term left out e^-55."""
IMAGES = torch.arange(-3, 4, dtype=torch.float64)
ORDERS = torch.arange(1, 7, dtype=torch.float64)


def damping(angles: int, noise: Tensor) -> Tensor:
    """Compute the factor e^(-P s^2 / 2) of <cos> of a sum of P angles that all carry independent noise s."""
    return torch.exp(-0.5 * angles * noise**2)


def kernel_density(displacement: Tensor, noise: Tensor) -> Tensor:
    """Compute p_s(d), in the shape of `displacement`, with which `noise` broadcasts."""
    images = _images(displacement, noise).exp().sum(-1) * math.sqrt(2 * math.pi) / noise
    return torch.where(noise < CROSSOVER, images, 1 + 2 * _waves(displacement, noise)[0])


def kernel_score(displacement: Tensor, noise: Tensor) -> Tensor:
    """Compute d/dd ln p_s(d), in the shape of `displacement`, with which `noise` broadcasts."""
    nearest = _images(displacement, noise).softmax(-1)
    turns = 2 * math.pi * (nearest @ IMAGES.to(displacement))
    even, odd = _waves(displacement, noise)
    return torch.where(noise < CROSSOVER, -(displacement + turns) / noise**2, -2 * odd / (1 + 2 * even))


def _images(displacement: Tensor, noise: Tensor) -> Tensor:
    """Logarithms of the Gaussians of all images, (..., 7)."""
    shifted = displacement[..., None] + 2 * math.pi * IMAGES.to(displacement)
    return -0.5 * (shifted / noise[..., None]) ** 2


def _waves(displacement: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Sum e^(-n^2 s^2 / 2) cos nd, and n e^(-n^2 s^2 / 2) sin nd."""
    order = ORDERS.to(displacement)
    angle, weight = displacement[..., None] * order, torch.exp(-0.5 * (noise[..., None] * order) ** 2)
    return (weight * angle.cos()).sum(-1), (weight * order * angle.sin()).sum(-1)
