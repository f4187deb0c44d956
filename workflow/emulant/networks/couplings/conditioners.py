"""Networks of a coupling: what the frozen half of a lattice says of the other half."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from emulant.networks.couplings.convolution import SymmetricConvolution

__all__ = ["DenseConditioner", "LatticeConditioner"]


class LatticeConditioner(nn.Module):
    """A convolutional network whose log scale is even and whose shift is odd in the field, both 0 at first.

    Odd features h of tanh layers without bias; the shift is a convolution of h, the log scale one of h^2.

    Arguments:
        shape: of the lattice.
        widths: channels of the hidden layers.
        unit: of the field, such as its standard deviation.
    """

    def __init__(self, shape: tuple[int, ...], widths: Sequence[int], unit: float) -> None:
        super().__init__()
        dimension, self.volume, self.unit = len(shape), math.prod(shape), unit
        self.hidden = nn.ModuleList(SymmetricConvolution(dimension, *pair) for pair in pairwise([1, *widths]))
        self.scale, self.shift = (SymmetricConvolution(dimension, widths[-1], 1) for _ in range(2))
        for last in (self.scale, self.shift):
            nn.init.zeros_(last.weight)

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly."""
        return self.volume * sum(layer.operations for layer in (*self.hidden, self.scale, self.shift))

    def forward(self, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields (N, *shape), 0 where they are not frozen, to log scale and shift of the same shape."""
        features = fields.movedim(0, -1)[None] / self.unit
        for layer in self.hidden:
            features = torch.tanh(layer(features))
        log_scale, shift = self.scale(features.square())[0], self.unit * self.shift(features)[0]
        return log_scale.movedim(-1, 0), shift.movedim(-1, 0)


class DenseConditioner(nn.Module):
    """A fully connected network of the whole lattice with leaky ReLUs; tanh bounds its log scale.

    It has no symmetry. First weights are those of torch.

    Arguments:
        shape: of the lattice.
        widths: of the hidden layers.
    """

    def __init__(self, shape: tuple[int, ...], widths: Sequence[int]) -> None:
        super().__init__()
        volume = math.prod(shape)
        layers = [part for pair in pairwise([volume, *widths]) for part in (nn.Linear(*pair), nn.LeakyReLU())]
        self.layers = nn.Sequential(nn.Flatten(), *layers, nn.Linear(widths[-1], 2 * volume))
        self.shape = shape

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly."""
        return 2.0 * sum(layer.weight.numel() for layer in self.layers if isinstance(layer, nn.Linear))

    def forward(self, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Map fields (N, *shape), 0 where they are not frozen, to log scale and shift of the same shape."""
        log_scale, shift = self.layers(fields).reshape(-1, 2, *self.shape).unbind(1)
        return log_scale.tanh(), shift
