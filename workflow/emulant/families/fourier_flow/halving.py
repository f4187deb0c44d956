"""The map of the flow: the law of each point given the two ends of its gap, bent from the Gaussian's."""

from typing import Literal

import torch
from torch import Tensor, nn

from emulant.families.fourier_flow.bridge import Bridge
from emulant.networks.couplings.chain import Moved, sum_of_sites
from emulant.networks.couplings.mirrored_spline import bent, numbers, unbent
from emulant.networks.parity import ParityPerceptron

__all__ = ["Halving"]

FARTHEST = 4.0
"""Positions, in units, that a network tells apart: from farther ends it would send points farther still, gap by gap."""
LARGEST = 3.0
"""Of a number of the network: e^3 of a stretch, three deviations of a shift."""


class Halving(nn.Module):
    """One network for all gaps, as the law between two ends knows the length of the gap alone; odd in the path.

    The white noise of a point is bent by a spline, stretched and shifted; the numbers of these are the network's, times the
    strength of the gap: over short times a particle is free. The first point is bent by a spline of its own.

    Arguments:
        bins: of the splines on each side of 0.
        bound: where a spline ends in the identity, in deviations.
        width: of the network's hidden layers.
        conditions: polynomials of the conditions.
        points: of a path, for the cost.
    """

    def __init__(self, bins: int, bound: float, width: int, conditions: int, points: int) -> None:
        super().__init__()
        self.bins, self.bound, self.points = bins, bound, points
        even, odd = numbers(bins)
        self.network = ParityPerceptron((2 + conditions, 2), width, (1 + even, 1 + odd))
        self.first = nn.Parameter(torch.zeros(even, conditions))

    @property
    def operations(self) -> float:
        """Floating-point operations for one path, roughly: two a weight, 60 for a spline of these bins."""
        weights = sum(p.numel() for p in self.network.parameters())
        return float(self.points * (2 * weights + 60 + 10 * self.bins))

    def forward(
        self, paths: Tensor, direction: Literal["forward", "inverse"], bridge: Bridge, condition: Tensor
    ) -> Moved:
        """Map paths (n, N) of the Gaussian to those of the action, or back."""
        moved = self._drawn if direction == "forward" else self._undone
        return moved(paths, bridge, condition.to(paths.dtype))

    def _drawn(self, paths: Tensor, bridge: Bridge, condition: Tensor) -> Moved:
        """From the first point on, gap by gap."""
        noise = bridge.noise(paths)
        first, log_slope = self._first(bent, paths[:, :1], bridge, condition)
        drawn, log_slopes, begin = first, [log_slope], 0
        for size in bridge.sizes:
            points = slice(begin, begin + size)
            even, odd = self._numbers(drawn, bridge, points, condition)
            bend, log_slope = bent(even[..., 1:], odd[..., 1:], self.bound, noise[:, points])
            white = even[..., 0].exp() * bend + odd[..., 0]
            fresh = bridge.centre(drawn, points) + bridge.deviation[points].to(paths.dtype) * white
            drawn, begin = torch.cat([drawn, fresh], 1), begin + size
            log_slopes.append(log_slope + even[..., 0])
        return Moved(drawn[:, bridge.rank], sum_of_sites(torch.cat(log_slopes, 1)))

    def _undone(self, paths: Tensor, bridge: Bridge, condition: Tensor) -> Moved:
        """All gaps at once, then the Gaussian's path from its noise."""
        drawn, every = paths[:, bridge.order], slice(None)
        even, odd = self._numbers(drawn, bridge, every, condition)
        white = (drawn[:, 1:] - bridge.centre(drawn, every)) / bridge.deviation.to(paths.dtype)
        bend = (white - odd[..., 0]) * (-even[..., 0]).exp()
        noise, log_slope = unbent(even[..., 1:], odd[..., 1:], self.bound, bend)
        first, log_first = self._first(unbent, drawn[:, :1], bridge, condition)
        log_det = sum_of_sites(log_slope - even[..., 0]) + sum_of_sites(log_first)
        return Moved(_gaussian(first, noise, bridge), log_det)

    def _first(self, bend, first: Tensor, bridge: Bridge, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Bend the first point (n, 1), in units of its deviation."""
        even = (self.first.to(first.dtype) @ condition).expand(len(first), 1, -1)
        odd = even.new_zeros(()).expand(len(first), 1, numbers(self.bins)[1])
        moved, log_slope = bend(even, odd, self.bound, first / bridge.unit)
        return moved * bridge.unit, log_slope

    def _numbers(
        self, drawn: Tensor, bridge: Bridge, points: slice, condition: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Ask the network about points, of paths as far as they are there; (n, points, numbers) even and odd."""
        left, right = bridge.ends(drawn, points)
        skewness, strength = (part[points].to(drawn.dtype) for part in (bridge.skewness, bridge.strength))
        difference = _limited((right - left) / bridge.unit, FARTHEST)
        middle = _limited((left + right + skewness * (right - left)) / (2 * bridge.unit), FARTHEST)
        told = condition.expand(*left.shape, -1)
        # The first polynomial is a constant, which the network's bias is already.
        even = [difference[..., None] ** 2, strength.log().expand_as(left)[..., None], told]
        odd = torch.stack([middle, skewness * difference], -1)
        replies = self.network(torch.cat(even, -1), odd)
        return tuple(_limited(strength[:, None] * reply, LARGEST) for reply in replies)


def _limited(x: Tensor, limit: float) -> Tensor:
    """Bend x smoothly to within +-limit; small numbers stay."""
    return x * (1 + (x / limit) ** 2).rsqrt()


def _gaussian(first: Tensor, noise: Tensor, bridge: Bridge) -> Tensor:
    """The Gaussian path (n, N) with this first point (n, 1) and this noise (n, N - 1)."""
    drawn, begin = first, 0
    for size in bridge.sizes:
        points = slice(begin, begin + size)
        fresh = bridge.centre(drawn, points) + bridge.deviation[points].to(first.dtype) * noise[:, points]
        drawn, begin = torch.cat([drawn, fresh], 1), begin + size
    return drawn[:, bridge.rank]
