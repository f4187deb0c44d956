"""A convolutional network on a torus that is exactly odd: f(u, v) - f(-u, v) over two, of odd fields u and even fields v."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from emulant.networks.lattice import PeriodicConvolution

__all__ = ["AntisymmetricNetwork"]


class AntisymmetricNetwork(nn.Module):
    """Residual convolutions with gains and offsets that are functions of the conditions.

    Arguments:
        dimension: of the lattice, 1 to 3.
        odd, even: input channels that change sign, and that do not.
        conditions: numbers that each sample is told.
        channels: width of the hidden layers.
        blocks: residual convolutions after the first; each widens the view by one site.
        embedding: width of the function of the conditions.
    """

    def __init__(
        self,
        dimension: int,
        odd: int,
        even: int,
        conditions: int,
        channels: int = 16,
        blocks: int = 3,
        embedding: int = 32,
    ) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(conditions, embedding), nn.SiLU())
        self.lift = PeriodicConvolution(dimension, odd + even, channels)
        self.blocks = nn.ModuleList(PeriodicConvolution(dimension, channels, channels) for _ in range(blocks))
        self.gains = nn.ModuleList(nn.Linear(embedding, 2 * channels) for _ in range(blocks + 1))
        # The untrained network is zero.
        self.project = nn.Parameter(torch.zeros(channels))

    def forward(self, odd: Tensor, even: Tensor, conditions: Tensor) -> Tensor:
        """Map odd (N, a, *shape) and even (N, b, *shape) fields under conditions (N, c) to (N, *shape)."""
        both = torch.cat([torch.cat([odd, even], 1), torch.cat([-odd, even], 1)])
        plus, minus = self._values(both, self.embed(conditions).repeat(2, 1)).chunk(2)
        return (plus - minus) / 2

    def _values(self, inputs: Tensor, embedding: Tensor) -> Tensor:
        """Evaluate f."""
        first, *inner = self.gains
        h = _modulated(self.lift(inputs), first(embedding))
        for convolution, gain in zip(self.blocks, inner, strict=True):
            h = h + _modulated(convolution(F.silu(h)), gain(embedding))
        return torch.einsum("nc...,c->n...", F.silu(h), self.project)


def _modulated(h: Tensor, gains: Tensor) -> Tensor:
    """Multiply and shift each channel of (N, channels, *shape) by (N, 2 channels)."""
    gain, offset = gains.reshape(*gains.shape, *[1] * (h.ndim - 2)).chunk(2, 1)
    return h * (1 + gain) + offset
