"""A network on sets of particles, whose cost is linear in their number."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

__all__ = ["SetNetwork", "collective"]

FREQUENCIES = 8


def collective(x: Tensor, values: Tensor, groups: Tensor) -> Tensor:
    """What sums over the particles of each group tell: of v and of x v, over sqrt(n), (N, groups, 6).

    For independent normal particles these are of order one.

    Arguments:
        x: places of the particles, (N, slots, 3).
        values: v, (N, slots, 3).
        groups: weight of each particle in each group, 0 for an empty slot; all are in the first, (N, slots, groups).
    """
    root = groups[..., 0].sum(dim=1).clamp_min(1).sqrt()[:, None, None]
    return torch.einsum("nsg,nsc->ngc", groups, torch.cat([values, x * values], dim=-1)) / root


class SetNetwork(nn.Module):
    """Equivariant under permutations of the particles; the output starts at zero.

    In each block every particle adds to its own state a function of it, with shift and gain from the event's. That one
    comes from attention of a few learned questions to all particles, as in the pooling of the Set Transformer
    (J. Lee et al., arXiv:1810.00825), and from the conditions. What moves all particles of an event together, by
    1/sqrt(n) each, has outputs of its own, as it would drown in what moves each alone.

    Arguments:
        baryon: baryon number of each kind; all particles and those with B != 0 are the groups that move together.
        context: conditions of an event.
        channels: width.
        blocks: number of residual blocks.
        heads: questions a block asks; channels must be a multiple.
    """

    def __init__(
        self, baryon: Tensor, context: int, channels: int = 64, blocks: int = 3, heads: int = 8
    ) -> None:
        super().__init__()
        if channels % heads:
            raise ValueError(f"{channels} channels are no multiple of {heads} heads")
        groups = torch.stack([torch.ones(len(baryon)), (baryon != 0).float()], dim=1)
        self.register_buffer("groups", groups, persistent=False)
        self.lift = nn.Linear(3, channels)
        self.kind = nn.Embedding(len(baryon), channels)
        known = 2 * FREQUENCIES + 6 * groups.shape[1] + context
        self.condition = nn.Sequential(
            nn.Linear(known, channels), nn.SiLU(), nn.Linear(channels, channels), nn.SiLU()
        )
        self.blocks = nn.ModuleList(_Block(channels, heads) for _ in range(blocks))
        self.gain = nn.Linear(channels, channels)
        self.project = nn.Linear(channels, 3)
        self.together = nn.Linear(channels, 6 * groups.shape[1])
        for last in (self.project, self.together):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, kinds: Tensor, there: Tensor, context: Tensor, angle: Tensor) -> Tensor:
        """Particles (N, slots, 3) to velocities of the same shape.

        Arguments:
            x: normal numbers on the path.
            kinds: of the particles, (N, slots).
            there: which slots hold a particle, (N, slots).
            context: conditions of each event, (N, context).
            angle: place on the path, (N,).
        """
        groups = self.groups[kinds] * there.unsqueeze(-1)
        first = collective(x, torch.ones_like(x), groups)
        # Sums of x, and of x^2 - 1.
        sums = torch.cat([first[..., 3:], collective(x, x, groups)[..., 3:] - first[..., :3]], dim=-1)
        waves = angle[:, None] * torch.arange(1, FREQUENCIES + 1, device=x.device, dtype=x.dtype)
        condition = self.condition(torch.cat([waves.sin(), waves.cos(), sums.flatten(1), context], dim=-1))
        h = self.lift(x) + self.kind(kinds)
        for block in self.blocks:
            h = block(h, there, condition)
        alone = self.project(silu(h) * (1 + self.gain(condition)).unsqueeze(1))
        root = groups[..., 0].sum(dim=1).clamp_min(1).sqrt()[:, None, None]
        shift, slope = (groups @ (self.together(condition).view_as(sums) / root)).chunk(2, dim=-1)
        return alone + shift + slope * x


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
        nn.init.normal_(self.outer.weight, std=0.1 / math.sqrt(channels))

    def forward(self, h: Tensor, there: Tensor, condition: Tensor) -> Tensor:
        number, slots, channels = h.shape
        scores = self.questions(h).masked_fill(~there.unsqueeze(-1), -1e4).softmax(dim=1)
        answers = torch.einsum("nsh,nshc->nhc", scores, h.view(number, slots, self.heads, -1))
        known = torch.cat([answers.reshape(number, channels), condition], dim=-1)
        shift, gain = self.event(known).chunk(2, dim=-1)
        return h + self.outer(silu(self.inner(h) * (1 + gain.unsqueeze(1)) + shift.unsqueeze(1)))
