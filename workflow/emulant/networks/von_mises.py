r"""Mixtures of von Mises laws of an angle.

.. math:: q(\theta) = \sum_m w_m \frac{e^{h_m \cdot (\cos\theta, \sin\theta)}}{I_0(|h_m|)}

with respect to d theta / 2 pi. Numbers of m are h_x, h_y and ln w up to a constant.
"""

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["NUMBERS", "Mixture", "mixture_of"]

NUMBERS = 3
"""Of each component."""
TINY = 1e-12
"""Added to |h|^2, whose root has no gradient at 0."""


class Mixture(NamedTuple):
    """Laws of angles.

    Attributes:
        x, y: components of the fields h, (..., components).
        log_weight: ln w, normalised.
    """

    x: Tensor
    y: Tensor
    log_weight: Tensor

    @property
    def concentration(self) -> Tensor:
        """|h|."""
        return (self.x**2 + self.y**2 + TINY).sqrt()

    def log_density(self, angle: Tensor) -> Tensor:
        """Compute ln q of angles (...) with respect to d theta / 2 pi."""
        return self.log_density_at(angle.cos(), angle.sin())

    def log_density_at(self, cosine: Tensor, sine: Tensor) -> Tensor:
        """Compute the same from cosine and sine."""
        concentration = self.concentration
        exponent = self.x * cosine[..., None] + self.y * sine[..., None] - concentration
        normalisation = torch.log(torch.special.i0e(concentration))
        return torch.logsumexp(self.log_weight + exponent - normalisation, -1)


def mixture_of(numbers: Tensor, field: Tensor) -> Mixture:
    """Make mixtures of numbers (..., 3 components), whose fields are those along x (...) and what the numbers add."""
    x, y, weight = numbers.chunk(NUMBERS, -1)
    return Mixture(field[..., None] + x, y, torch.log_softmax(weight, -1))
