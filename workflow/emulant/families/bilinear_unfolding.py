"""Bilinear unfolding: ridge regression on the last slice and on its product with the mean transverse momentum.

Scattering takes transverse energy from matter that expands, and a charge separation from it: where cross sections differ
from sample to sample, the mean p_T says how much of a separation survives. None of the symmetries changes the mean, and so
the sector of a product is that of the slice.
"""

from typing import Any

import torch
from torch import Tensor

from emulant.families import ridge_unfolding
from emulant.families._linear_law import LinearLaw

__all__ = ["Model"]


class Model(ridge_unfolding.Model):
    """A Gaussian law whose mean is linear in the last slice at each mean p_T, and whose slope is linear in that.

    Attributes:
        momentum: mean and standard deviation, over training samples, of a sample's mean p_T in bins.
    """

    momentum: Tensor
    measured = ("unit", "momentum")

    def __init__(self, settings: dict[str, Any], shape: tuple[int, ...], law: LinearLaw) -> None:
        super().__init__(settings, shape, law)
        self.register_buffer("momentum", torch.tensor([0.0, 1.0]))

    def measure(self, inputs: Tensor) -> None:
        """Measure the law of the mean p_T."""
        values = _mean_bin(inputs.double())
        # Of samples that all have the same there is nothing to learn.
        self.momentum = torch.stack([values.mean(), values.std().clamp(min=1e-9)]).float()

    def coordinates(self, inputs: Tensor) -> Tensor:
        """The slice, and the slice times the mean p_T in standard units."""
        slices = self.sectors.split(inputs)
        momentum = (_mean_bin(inputs) - self.momentum[0]) / self.momentum[1]
        return torch.cat([slices, momentum[:, None] * slices], dim=2)


def _mean_bin(inputs: Tensor) -> Tensor:
    """Mean bin of p_T of charged particles in inputs (N, 2, p_T, azimuth), (N,)."""
    spectrum = inputs.sum((1, 3))
    bins = torch.arange(spectrum.shape[1], device=inputs.device).to(inputs)
    return spectrum @ bins / spectrum.sum(1)
