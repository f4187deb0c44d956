"""Convolutions on periodic lattices with kernels of a quarter of its size, alike under reflections and exchanges."""

from itertools import permutations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from emulant.networks.lattice import CONVOLUTION

__all__ = ["GatedStack", "TimeFeatures", "kernel_sizes", "symmetrised"]

HIDDEN = 64
"""Width of the layers that see the time alone, as published."""
FREQUENCIES = 128
"""Random frequencies of the time, as published: normal with deviation 1, in units of the whole path."""


class TimeFeatures(nn.Module):
    """Sines and cosines of a time at random frequencies, which no training changes, then a layer: (HIDDEN,)."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("frequencies", 2 * torch.pi * torch.randn(FREQUENCIES))
        self.layer = nn.Linear(2 * FREQUENCIES, HIDDEN)

    def forward(self, t: float) -> Tensor:
        """Evaluate at a time in [0, 1]."""
        phases = self.frequencies * t
        return self.layer(torch.cat([phases.sin(), phases.cos()])).relu()


class GatedConvolution(nn.Module):
    """A symmetric periodic convolution without bias; a gain and a gate that depends on the time multiply each channel."""

    def __init__(self, shape: tuple[int, ...], incoming: int, outgoing: int) -> None:
        super().__init__()
        sizes, self.shape = kernel_sizes(shape), shape
        count = incoming * torch.Size(sizes).numel()
        self.weight = nn.Parameter(torch.randn(outgoing, incoming, *sizes) / count**0.5)
        self.gain = nn.Parameter(torch.ones(outgoing))
        self.gate = nn.Linear(HIDDEN, outgoing)
        self.padding = [size // 2 for size in reversed(sizes) for _ in range(2)]

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """Map (N, incoming, *shape) to (N, outgoing, *shape)."""
        padded = F.pad(x, self.padding, mode="circular")
        kernel = symmetrised(self.weight, self.shape)
        scale = (self.gain * self.gate(time).tanh().exp()).reshape(-1, *[1] * len(self.shape))
        return scale * CONVOLUTION[len(self.shape)](padded, kernel)


class GatedStack(nn.Module):
    """Four convolutions, clipped to [-1, 1] between them, which commute with translations and keep oddness.

    Arguments:
        shape: of the lattice, one to three dimensions.
        channels: between the layers.
    """

    def __init__(self, shape: tuple[int, ...], channels: int) -> None:
        super().__init__()
        self.time = TimeFeatures()
        widths = [(1, channels), (channels, channels), (channels, channels), (channels, 1)]
        self.layers = nn.ModuleList(GatedConvolution(shape, *width) for width in widths)
        # The drift is zero at first: paths begin as free diffusion.
        nn.init.zeros_(self.layers[-1].weight)

    def forward(self, fields: Tensor, t: float) -> Tensor:
        """Map fields (N, *shape) at a time to the same shape."""
        time = self.time(t)
        first, *inner, last = self.layers
        h = first(fields[:, None], time).clamp(-1, 1)
        for layer in inner:
            h = (h + layer(h, time)).clamp(-1, 1)
        return last(h, time)[:, 0]


def kernel_sizes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A quarter of each length and one more, or two where that is even: a kernel needs a centre to be reflected about."""
    return tuple(length // 4 + 1 + length // 4 % 2 for length in shape)


def symmetrised(kernel: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Average a kernel (outgoing, incoming, *sizes) over reflections of each axis and exchanges of axes of equal length."""
    axes = range(2, kernel.ndim)
    for axis in axes:
        kernel = (kernel + kernel.flip(axis)) / 2
    orders = [order for order in permutations(axes) if tuple(shape[axis - 2] for axis in order) == shape]
    return sum(kernel.permute(0, 1, *order) for order in orders) / len(orders)
