"""A network on sets of particles, whose cost is linear in their number."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

__all__ = ["SetNetwork", "collective"]

FREQUENCIES = 8


def collective(x: Tensor, there: Tensor) -> Tensor:
    """What a sum over the particles tells: sum of x and of x^2 - 1 over sqrt(n), (N, 2 channels).

    Arguments:
        x: of independent normal particles these are of order one, (N, slots, channels).
        there: which slots hold a particle, (N, slots).
    """
    mask = there.unsqueeze(-1).to(x.dtype)
    root = mask.sum(dim=1).clamp_min(1).sqrt()
    return torch.cat([(x * mask).sum(dim=1), ((x**2 - 1) * mask).sum(dim=1)], dim=-1) / root


class SetNetwork(nn.Module):
    """Equivariant under permutations of the particles; the output starts at zero.

    In each block every particle adds to its own state a function of it, with shift and gain from the event's. That one
    comes from attention of a few learned questions to all particles, as in the pooling of the Set Transformer
    (J. Lee et al., arXiv:1810.00825), and from the conditions.

    Arguments:
        kinds: number of species.
        context: conditions of an event.
        channels: width.
        blocks: number of residual blocks.
        heads: questions a block asks; channels must be a multiple.
    """

    def __init__(
        self, kinds: int = 26, context: int = 5, channels: int = 64, blocks: int = 3, heads: int = 8
    ) -> None:
        super().__init__()
        if channels % heads:
            raise ValueError(f"{channels} channels are no multiple of {heads} heads")
        self.lift = nn.Linear(3, channels)
        self.kind = nn.Embedding(kinds, channels)
        self.condition = nn.Sequential(
            nn.Linear(2 * FREQUENCIES + 6 + context, channels), nn.SiLU(), nn.Linear(channels, channels)
        )
        self.blocks = nn.ModuleList(_Block(channels, heads) for _ in range(blocks))
        self.gain = nn.Linear(channels, channels)
        self.project = nn.Linear(channels, 3)
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, x: Tensor, kinds: Tensor, there: Tensor, context: Tensor, angle: Tensor) -> Tensor:
        """Particles (N, slots, 3) to velocities of the same shape.

        Arguments:
            x: normal numbers on the path.
            kinds: species, (N, slots).
            there: which slots hold a particle, (N, slots).
            context: conditions of each event, (N, context).
            angle: place on the path, (N,).
        """
        waves = angle[:, None] * torch.arange(1, FREQUENCIES + 1, device=x.device, dtype=x.dtype)
        known = [waves.sin(), waves.cos(), collective(x, there), context]
        condition = self.condition(torch.cat(known, dim=-1))
        h = self.lift(x) + self.kind(kinds)
        for block in self.blocks:
            h = block(h, there, condition)
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
        nn.init.normal_(self.outer.weight, std=0.1 / math.sqrt(channels))

    def forward(self, h: Tensor, there: Tensor, condition: Tensor) -> Tensor:
        number, slots, channels = h.shape
        scores = self.questions(h).masked_fill(~there.unsqueeze(-1), -1e4).softmax(dim=1)
        answers = torch.einsum("nsh,nshc->nhc", scores, h.view(number, slots, self.heads, -1))
        shift, gain = self.event(torch.cat([answers.reshape(number, channels), condition], dim=-1)).chunk(
            2, -1
        )
        return h + self.outer(silu(self.inner(h) * (1 + gain.unsqueeze(1)) + shift.unsqueeze(1)))
