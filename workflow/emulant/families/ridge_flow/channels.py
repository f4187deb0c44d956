"""Channels of the velocity: odd functions of filtered fields, which no training changes."""

import math

import torch
from torch import Tensor, nn

from emulant.families.ridge_flow.momenta import cosines, half_weights, momentum_squared

__all__ = ["Channels"]

NEIGHBOURS = 0.25
"""Part of the sum over the neighbours, in two dimensions their mean, that is added to or taken from the field."""
FREQUENCIES = {
    "site": (None, 1.0, 2.0, 3.0),
    "sum": (1.0, 2.0),
    "difference": (1.0, 2.0),
    "neighbours": (1.0, 2.0),
    "smooth": (1.0, 2.0),
    "mean": (1.0, 2.0),
}
"""w of sin(w u) by the filter of u, in units of its deviation; None is u itself. An ablation at L = 14: docs/samplers.md."""


class Channels(nn.Module):
    """Filters, one or more functions of each, all odd, translation invariant and alike in every direction.

    Arguments:
        power: <|phi_k|^2> / V of the Gaussian that the flow begins with, `rfftn` layout, float64.
        shape: of the lattice.

    Attributes:
        filters: (filters, *half shape), real functions of the momentum that give a field of variance 1.
        filter_of: number of the filter of each channel, (channels,).
    """

    filters: Tensor
    filter_of: Tensor
    frequency: Tensor
    bent: Tensor

    def __init__(self, power: Tensor, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape, self.dims = shape, tuple(range(-len(shape), 0))
        filters = _filters(shape)
        broadcast = (-1, *[1] * len(shape))
        variance = (half_weights(shape) * power * filters.square()).flatten(1).sum(1) / math.prod(shape)
        filters /= variance.sqrt().reshape(broadcast)
        pairs = [(number, w) for number, group in enumerate(FREQUENCIES.values()) for w in group]
        frequency = torch.tensor([w or 1.0 for _, w in pairs]).reshape(broadcast)
        bent = torch.tensor([w is not None for _, w in pairs]).reshape(broadcast)
        for name, value in {
            "filters": filters.float(),
            "filter_of": torch.tensor([number for number, _ in pairs]),
            "frequency": frequency,
            "bent": bent,
        }.items():
            self.register_buffer(name, value, persistent=False)

    def __len__(self) -> int:
        return len(self.filter_of)

    def filtered(self, fields: Tensor) -> Tensor:
        """Compute w u of each channel from fields (N, *shape), (N, channels, *shape)."""
        modes = torch.fft.rfftn(fields, dim=self.dims)[:, None] * self.filters.to(fields.dtype)
        u = torch.fft.irfftn(modes, s=self.shape, dim=self.dims)
        return u[:, self.filter_of] * self.frequency.to(fields.dtype)

    def values(self, phases: Tensor) -> Tensor:
        """Compute f = sin(w u), or u, from w u."""
        return torch.where(self.bent, phases.sin(), phases)

    def slopes(self, phases: Tensor) -> Tensor:
        """Compute df/du."""
        return torch.where(self.bent, self.frequency.to(phases.dtype) * phases.cos(), 1.0)

    def curvatures(self, phases: Tensor) -> Tensor:
        """Compute d^2f/du^2."""
        return torch.where(self.bent, -self.frequency.to(phases.dtype).square() * phases.sin(), 0.0)

    def gathered(self, channels: Tensor) -> Tensor:
        """Filter functions (N, channels, *shape) by the filters of their channels and add them up, (N, *shape)."""
        total = channels.new_zeros(len(channels), len(self.filters), *self.shape)
        total.index_add_(1, self.filter_of, channels)
        modes = (torch.fft.rfftn(total, dim=self.dims) * self.filters.to(channels.dtype)).sum(1)
        return torch.fft.irfftn(modes, s=self.shape, dim=self.dims)


def _filters(shape: tuple[int, ...]) -> Tensor:
    """Functions of the momentum in the order of FREQUENCIES, (filters, *half shape)."""
    neighbours, squared = 2 * cosines(shape), momentum_squared(shape)
    by_name = {
        "site": torch.ones_like(squared),
        "sum": 1 + NEIGHBOURS * neighbours,
        "difference": 1 - NEIGHBOURS * neighbours,
        "neighbours": neighbours,
        "smooth": (-squared).exp(),
        "mean": (squared == 0).double(),
    }
    return torch.stack([by_name[name] for name in FREQUENCIES])
