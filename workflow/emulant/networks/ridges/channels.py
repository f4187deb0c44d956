"""Channels of the velocity: odd functions of filtered fields, which no training changes."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from emulant.networks.ridges.momenta import cosines, half_weights, momentum_squared

__all__ = ["Channels"]

NEIGHBOURS = 0.25
"""Part of the sum over the neighbours, in two dimensions their mean, that is added to or taken from the field."""


class Shapes(NamedTuple):
    """Functions of filtered fields.

    Attributes:
        values: f, (N, channels, *shape).
        slopes: df/du.
    """

    values: Tensor
    slopes: Tensor


class Channels(nn.Module):
    """Filters, one or more functions of each, all odd, translation invariant and alike in every direction.

    The order of the channels: u of the field itself, sin u of every filter, sin 2u of every filter, sin 3u of the field.

    Arguments:
        power: <|phi_k|^2> / V of the Gaussian that the flow begins with, `rfftn` layout, float64.
        shape: of the lattice.
        surroundings: s of heat kernels exp(-s k^2), in sites squared; each adds two filters, the field plus and minus what
            it makes of the field, with the same variance (their worth at L = 32 and 64 is in docs/samplers.md).

    Attributes:
        filters: (filters, *half shape), real functions of the momentum that give a field of variance 1.
        filter_of: number of the filter of each channel, (channels,).
        bending: f'' / f of each channel, (channels, 1, ...).
    """

    filters: Tensor
    filter_of: Tensor
    bending: Tensor

    def __init__(self, power: Tensor, shape: tuple[int, ...], surroundings: Sequence[float] = ()) -> None:
        super().__init__()
        self.shape, self.dims = shape, tuple(range(-len(shape), 0))
        shares = half_weights(shape) * power / math.prod(shape)
        filters = _filters(shape, shares, surroundings)
        count = len(filters)
        everyone = range(count)
        w = torch.tensor([0.0, *[1.0] * count, *[2.0] * count, 3.0])
        broadcast = (-1, *[1] * len(shape))
        for name, value in {
            "filters": _normalised(filters, shares).float(),
            "filter_of": torch.tensor([0, *everyone, *everyone, 0]),
            "bending": -w.square().reshape(broadcast),
        }.items():
            self.register_buffer(name, value, persistent=False)

    def __len__(self) -> int:
        return len(self.filter_of)

    def shapes(self, fields: Tensor) -> Shapes:
        """Filter fields (N, *shape) and evaluate the functions of every channel."""
        modes = torch.fft.rfftn(fields, dim=self.dims)[:, None] * self.filters.to(fields.dtype)
        u = torch.fft.irfftn(modes, s=self.shape, dim=self.dims)
        sine, cosine = u.sin(), u.cos()
        double_sine, double_cosine = 2 * sine * cosine, 2 * cosine.square() - 1
        one, two = (part[:, :1] for part in (sine, cosine))
        triple_sine = one * double_cosine[:, :1] + two * double_sine[:, :1]
        triple_cosine = two * double_cosine[:, :1] - one * double_sine[:, :1]
        values = torch.cat([u[:, :1], sine, double_sine, triple_sine], 1)
        return Shapes(
            values, torch.cat([torch.ones_like(one), cosine, 2 * double_cosine, 3 * triple_cosine], 1)
        )

    def gathered(self, channels: Tensor) -> Tensor:
        """Filter functions (N, channels, *shape) by the filters of their channels and add them up, (N, *shape)."""
        count = len(self.filters)
        total = channels[:, 1 : 1 + count] + channels[:, 1 + count : 1 + 2 * count]
        total[:, 0] += channels[:, 0] + channels[:, -1]
        modes = (torch.fft.rfftn(total, dim=self.dims) * self.filters.to(channels.dtype)).sum(1)
        return torch.fft.irfftn(modes, s=self.shape, dim=self.dims)


def _filters(shape: tuple[int, ...], shares: Tensor, surroundings: Sequence[float]) -> Tensor:
    """Functions of the momentum, (filters, *half shape): site, sum, difference, neighbours, smooth, surroundings, mean."""
    neighbours, squared = 2 * cosines(shape), momentum_squared(shape)
    site, mean = torch.ones_like(squared), (squared == 0).double()
    filters = [site, 1 + NEIGHBOURS * neighbours, 1 - NEIGHBOURS * neighbours, neighbours, (-squared).exp()]
    for s in surroundings:
        alone, around = _normalised(torch.stack([site, (-s * squared).exp()]), shares)
        filters += [alone + around, alone - around]
    return torch.stack([*filters, mean])


def _normalised(filters: Tensor, shares: Tensor) -> Tensor:
    """Scale filters so that a field of which each mode has its share of the variance has variance 1 after them."""
    variance = (shares * filters.square()).flatten(1).sum(1)
    return filters / variance.sqrt().reshape(-1, *[1] * shares.dim())
