"""Permutation-equivariant network on sets of particles, with a cost linear in their number."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

__all__ = ["SetNetwork", "collective"]

FREQUENCIES = 8
"""Fourier modes of the path angle that the network sees; the angle covers a quarter turn, so these resolve it well."""

PARTICLES = 2**12
"""Slots of the events that go through the layers together: their states stay in the cache of a core."""


def collective(x: Tensor, values: Tensor, groups: Tensor) -> Tensor:
    """Sum v and x v over the particles of each group and divide by sqrt(n), (N, groups, 6).

    For independent standard normal x the results are of order one.

    Arguments:
        x: positions of the particles on the path, (N, slots, 3).
        values: v, (N, slots, 3).
        groups: weight of each particle in each group, 0 for an empty slot; the first group contains all particles,
            (N, slots, groups).
    """
    root = groups[..., 0].sum(dim=1).clamp_min(1).sqrt()[:, None, None]
    return torch.einsum("nsg,nsc->ngc", groups, torch.cat([values, x * values], dim=-1)) / root


class SetNetwork(nn.Module):
    """Velocity network, equivariant under permutations of the particles; its output is zero at initialisation.

    Each residual block updates the state of every particle by a function of that state, with a shift and a gain that
    depend on the event. These come from attention of a few learned queries to all particles, as in the pooling of the
    Set Transformer (J. Lee et al., arXiv:1810.00825), and from the conditions. Collective motion, which moves each
    particle by only 1/sqrt(n), has separate outputs, because it would be lost beside the motion of single particles.

    Arguments:
        baryon: baryon number of each kind, (kinds,); all particles, and those with B != 0, are the groups that move
            collectively.
        context: number of conditions of an event.
        channels: width.
        blocks: number of residual blocks.
        heads: learned queries per block; `channels` must be a multiple.
    """

    def __init__(
        self, baryon: Tensor, context: int, channels: int = 48, blocks: int = 3, heads: int = 8
    ) -> None:
        super().__init__()
        if channels % heads:
            raise ValueError(f"{channels} channels are no multiple of {heads} heads")
        groups = torch.stack([torch.ones(len(baryon)), (baryon != 0).float()], dim=1)
        self.register_buffer("groups", groups, persistent=False)
        self.lift = nn.Linear(3, channels)
        self.kind = nn.Embedding(len(baryon), channels)
        inputs = 2 * FREQUENCIES + 6 * groups.shape[1] + context
        self.condition = nn.Sequential(
            nn.Linear(inputs, channels), nn.SiLU(), nn.Linear(channels, channels), nn.SiLU()
        )
        self.blocks = nn.ModuleList(_Block(channels, heads) for _ in range(blocks))
        self.gain = nn.Linear(channels, channels)
        self.project = nn.Linear(channels, 3)
        self.together = nn.Linear(channels, 6 * groups.shape[1])
        for last in (self.project, self.together):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, kinds: Tensor, occupied: Tensor, context: Tensor, angle: Tensor) -> Tensor:
        """Compute velocities (N, slots, 3).

        Arguments:
            x: positions of the particles on the path, (N, slots, 3).
            kinds: kinds of the particles, (N, slots).
            occupied: mask of slots that hold a particle, (N, slots).
            context: conditions of each event, (N, context).
            angle: angle t of the path, (N,).
        """
        groups = self.groups[kinds] * occupied.unsqueeze(-1)
        of_ones = collective(x, torch.ones_like(x), groups)
        # Collective sums of x and of x^2 - 1, which vanish on average for standard normal x.
        sums = torch.cat([of_ones[..., 3:], collective(x, x, groups)[..., 3:] - of_ones[..., :3]], dim=-1)
        waves = angle[:, None] * torch.arange(1, FREQUENCIES + 1, device=x.device, dtype=x.dtype)
        condition = self.condition(torch.cat([waves.sin(), waves.cos(), sums.flatten(1), context], dim=-1))
        size = max(1, PARTICLES // x.shape[1])
        parts = zip(*(part.split(size) for part in (x, kinds, occupied, condition)), strict=True)
        single = torch.cat([self._single(*part) for part in parts])
        root = groups[..., 0].sum(dim=1).clamp_min(1).sqrt()[:, None, None]
        shift, slope = (groups @ (self.together(condition).view_as(sums) / root)).chunk(2, dim=-1)
        return single + shift + slope * x

    def _single(self, x: Tensor, kinds: Tensor, occupied: Tensor, condition: Tensor) -> Tensor:
        """Compute velocities (n, slots, 3) of single particles of some events."""
        h = self.lift(x) + self.kind(kinds)
        for block in self.blocks:
            h = block(h, occupied, condition)
        return self.project(silu(h) * (1 + self.gain(condition)).unsqueeze(1))


class _Block(nn.Module):
    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.questions = nn.Linear(channels, heads)
        self.event = nn.Sequential(
            nn.Linear(2 * channels, channels), nn.SiLU(), nn.Linear(channels, 2 * channels)
        )
        self.inner = nn.Linear(channels, channels)
        self.outer = nn.Linear(channels, channels)
        # Small at first, so that a block starts near the identity.
        nn.init.normal_(self.outer.weight, std=0.1 / math.sqrt(channels))

    def forward(self, h: Tensor, occupied: Tensor, condition: Tensor) -> Tensor:
        events, _, channels = h.shape
        scores = self.questions.weight @ h.mT + self.questions.bias[:, None]
        scores = scores.masked_fill(~occupied.unsqueeze(1), -1e4).softmax(dim=2)
        # Of the products of all heads with all channels each head takes those of its own.
        products = (scores @ h).view(events, self.heads, self.heads, -1)
        answers = products.diagonal(dim1=1, dim2=2).mT.reshape(events, channels)
        shift, gain = self.event(torch.cat([answers, condition], dim=-1)).chunk(2, dim=-1)
        # The gain multiplies weights, of which there are fewer than particles.
        weight = (1 + gain).unsqueeze(1) * self.inner.weight.T
        bias = (1 + gain) * self.inner.bias + shift
        return h + self.outer(silu(torch.baddbmm(bias.unsqueeze(1), h, weight)))
