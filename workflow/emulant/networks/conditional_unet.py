"""A small U-net on images beside which others are shown, with a step and further numbers in every block."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["ConditionalUNet"]

GROUPS = 4
"""Groups of channels that are normalised together; widths are multiples of it."""
SLOWEST = 1e4
"""Period over 2 pi of the slowest wave of the step's embedding, that of A. Vaswani et al. [1706.03762]."""


class Block(nn.Module):
    """Two convolutions with a shift by the embedding between them."""

    def __init__(self, inputs: int, outputs: int, embedding: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shift = nn.Linear(embedding, outputs)
        self.norms = nn.ModuleList(nn.GroupNorm(GROUPS, outputs) for _ in range(2))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Map (N, inputs, h, w) to (N, outputs, h, w)."""
        x = nn.functional.silu(self.norms[0](self.first(x)) + self.shift(embedding)[..., None, None])
        return nn.functional.silu(self.norms[1](self.second(x)))


class ConditionalUNet(nn.Module):
    """Images in, images out; zero padding, so that it knows no symmetry.

    Arguments:
        channels: of the images that are mapped.
        beside: channels of the images that are shown beside them.
        numbers: further numbers of each image.
        widths: of the levels, each half as fine as the one before.
        embedding: width of the embedding of step and numbers.
    """

    def __init__(
        self, channels: int, beside: int, numbers: int, widths: Sequence[int], embedding: int
    ) -> None:
        super().__init__()
        self.waves = embedding // 2
        self.embed = nn.Sequential(
            nn.Linear(2 * self.waves + numbers, embedding), nn.SiLU(), nn.Linear(embedding, embedding)
        )
        inwards = [channels + beside, *widths]
        self.down = nn.ModuleList(Block(a, b, embedding) for a, b in zip(inwards, widths, strict=False))
        self.up = nn.ModuleList(
            Block(b + a, a, embedding) for a, b in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.last = nn.Conv2d(widths[0], channels, 1)

    def forward(self, x: Tensor, beside: Tensor, step: Tensor, numbers: Tensor) -> Tensor:
        """Map x (N, channels, h, w) beside (N, ..., h, w) at steps (N,) and numbers (N, ...)."""
        rates = torch.exp(-math.log(SLOWEST) * torch.arange(self.waves, device=x.device) / self.waves)
        angles = step[:, None] * rates
        embedding = self.embed(torch.cat([angles.sin(), angles.cos(), numbers], dim=1))
        x, skips = torch.cat([x, beside], dim=1), []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else nn.functional.avg_pool2d(x, 2, ceil_mode=True), embedding)
            skips.append(x)
        for block, skip in zip(self.up, skips[-2::-1], strict=True):
            x = nn.functional.interpolate(x, skip.shape[-2:], mode="nearest")
            x = block(torch.cat([x, skip], dim=1), embedding)
        return self.last(x)
