"""Channels of the velocity: odd functions of filtered fields, which no training changes."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from emulant.networks.ridges.momenta import cosines, half_weights, momentum_squared

__all__ = ["Channels"]

NEIGHBOURS = 0.25
"""Part of the sum over the neighbours, in two dimensions their mean, that is added to or taken from the field."""
FILTERS = ("site", "sum", "difference", "neighbours", "smooth", "mean")
"""Filters of which every channel is made; an ablation of them at L = 14 is in docs/samplers.md."""


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

    Attributes:
        filters: (filters, *half shape), real functions of the momentum that give a field of variance 1.
        filter_of: number of the filter of each channel, (channels,).
        bending: f'' / f of each channel, (channels, 1, ...).
    """

    filters: Tensor
    filter_of: Tensor
    bending: Tensor

    def __init__(self, power: Tensor, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape, self.dims = shape, tuple(range(-len(shape), 0))
        broadcast = (-1, *[1] * len(shape))
        filters = _filters(shape)
        variance = (half_weights(shape) * power * filters.square()).flatten(1).sum(1) / math.prod(shape)
        everyone = range(len(FILTERS))
        w = torch.tensor([0.0, *[1.0] * len(FILTERS), *[2.0] * len(FILTERS), 3.0])
        for name, value in {
            "filters": (filters / variance.sqrt().reshape(broadcast)).float(),
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
        count = len(FILTERS)
        total = channels[:, 1 : 1 + count] + channels[:, 1 + count : 1 + 2 * count]
        total[:, 0] += channels[:, 0] + channels[:, -1]
        modes = (torch.fft.rfftn(total, dim=self.dims) * self.filters.to(channels.dtype)).sum(1)
        return torch.fft.irfftn(modes, s=self.shape, dim=self.dims)


def _filters(shape: tuple[int, ...]) -> Tensor:
    """Functions of the momentum in the order of FILTERS, (filters, *half shape)."""
    neighbours, squared = 2 * cosines(shape), momentum_squared(shape)
    by_name = {
        "site": torch.ones_like(squared),
        "sum": 1 + NEIGHBOURS * neighbours,
        "difference": 1 - NEIGHBOURS * neighbours,
        "neighbours": neighbours,
        "smooth": (-squared).exp(),
        "mean": (squared == 0).double(),
    }
    return torch.stack([by_name[name] for name in FILTERS])
